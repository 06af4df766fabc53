// Ingresses, network policies and endpoint slices. How to read it: shorthand.ts.

export const networkTypes = `
package io.k8s.api.networking.v1
HTTPIngressPath = path backend!:IngressBackend/struct
  pathType!:Exact|ImplementationSpecific|Prefix
HTTPIngressRuleValue = paths!:[HTTPIngressPath]
IPBlock = cidr! except:[string]
Ingress = spec:IngressSpec/struct status:IngressStatus/struct
IngressBackend = service:IngressServiceBackend resource:TypedLocalObjectReference
IngressClass = spec:IngressClassSpec/struct
IngressClassParametersReference = apiGroup* kind! name! namespace* scope*
IngressClassSpec = controller parameters:IngressClassParametersReference
IngressLoadBalancerIngress = hostname ip ports:[IngressPortStatus]
IngressLoadBalancerStatus = ingress:[IngressLoadBalancerIngress]
IngressPortStatus = error* port!:int32 protocol!:SCTP|TCP|UDP
IngressRule = host http:HTTPIngressRuleValue
IngressServiceBackend = name! port:ServiceBackendPort/struct
IngressSpec = ingressClassName* tls:[IngressTLS] rules:[IngressRule]
  defaultBackend:IngressBackend
IngressStatus = loadBalancer:IngressLoadBalancerStatus/struct
IngressTLS = secretName hosts:[string]
NetworkPolicy = spec:NetworkPolicySpec/struct
NetworkPolicyEgressRule = ports:[NetworkPolicyPort] to:[NetworkPolicyPeer]
NetworkPolicyIngressRule = from:[NetworkPolicyPeer] ports:[NetworkPolicyPort]
NetworkPolicyPeer = ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector
NetworkPolicyPort = endPort*:int32 port:intstr protocol*:SCTP|TCP|UDP
NetworkPolicySpec = podSelector:LabelSelector/struct policyTypes:[Egress|Ingress]
  egress:[NetworkPolicyEgressRule] ingress:[NetworkPolicyIngressRule]
ServiceBackendPort atomic = name number:int32
package io.k8s.api.discovery.v1
Endpoint = hostname* nodeName* zone* deprecatedTopology:{string} addresses!:[string]/set
  hints:EndpointHints targetRef:ObjectReference conditions:EndpointConditions/struct
EndpointConditions = ready*:bool serving*:bool terminating*:bool
EndpointHints = forNodes:[ForNode] forZones:[ForZone]
EndpointPort atomic = appProtocol* name* port*:int32 protocol*:SCTP|TCP|UDP
EndpointSlice = endpoints*:[Endpoint] addressType!:FQDN|IPv4|IPv6 ports*:[EndpointPort]
ForNode = name!
ForZone = name!
`
