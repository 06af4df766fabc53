// What roles does a cluster have from its first moment? Those that people, charts and clients count on, with the same rules
// as in Kubernetes 1.36; not those of its own controllers, of which the sandbox has no processes.

// A role's name first; "to=edit" makes its rules part of the role edit, "from=edit" gathers such parts. Below it its rules:
// verbs, groups, resources and their names, or verbs and URLs.
export const defaultRoles = `
admin from=admin
cluster-admin
  * * *
  * url *
edit to=admin from=edit
system:aggregate-to-admin to=admin
  create authorization.k8s.io localsubjectaccessreviews
  any rbac.authorization.k8s.io rolebindings roles
system:aggregate-to-edit to=edit
  read core pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy
  impersonate core serviceaccounts
  write core pods pods/attach pods/exec pods/portforward pods/proxy
  create core pods/eviction
  write core configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale
    secrets serviceaccounts services services/proxy
  create core serviceaccounts/token
  write core,events.k8s.io events
  write apps daemonsets deployments deployments/rollback deployments/scale replicasets
    replicasets/scale statefulsets statefulsets/scale
  write autoscaling horizontalpodautoscalers
  write batch cronjobs jobs
  write extensions daemonsets deployments deployments/rollback deployments/scale ingresses
    networkpolicies replicasets replicasets/scale replicationcontrollers/scale
  write policy poddisruptionbudgets
  write networking.k8s.io ingresses networkpolicies
  any coordination.k8s.io leases
  write resource.k8s.io resourceclaims resourceclaimtemplates
system:aggregate-to-view to=view
  read core configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods
    replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status
  read core bindings limitranges namespaces/status pods/log pods/status
    replicationcontrollers/status resourcequotas resourcequotas/status
  read core namespaces
  read core,events.k8s.io events
  read discovery.k8s.io endpointslices
  read apps controllerrevisions daemonsets daemonsets/status deployments deployments/scale
    deployments/status replicasets replicasets/scale replicasets/status statefulsets
    statefulsets/scale statefulsets/status
  read autoscaling horizontalpodautoscalers horizontalpodautoscalers/status
  read batch cronjobs cronjobs/status jobs jobs/status
  read extensions daemonsets daemonsets/status deployments deployments/scale deployments/status
    ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status
    replicationcontrollers/scale
  read policy poddisruptionbudgets poddisruptionbudgets/status
  read networking.k8s.io ingresses ingresses/status networkpolicies
  read resource.k8s.io resourceclaims resourceclaims/status resourceclaimtemplates
system:auth-delegator
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
system:basic-user
  create authorization.k8s.io selfsubjectaccessreviews selfsubjectrulesreviews
  create authentication.k8s.io selfsubjectreviews
system:discovery
  get url /api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/
system:kube-dns
  list,watch core endpoints services
system:kubelet-api-admin
  read core nodes
  proxy core nodes
  * core nodes/log nodes/metrics nodes/proxy nodes/stats
  * core nodes/configz nodes/healthz nodes/pods
system:monitoring
  get url /flagz /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*
    /statusz
  get core nodes/metrics
system:node
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io localsubjectaccessreviews subjectaccessreviews
  read core services
  create,get,list,watch core nodes
  patch,update core nodes/status
  patch,update core nodes
  create,patch,update core,events.k8s.io events
  read core pods
  create,delete core pods
  patch,update core pods/status
  create core pods/eviction
  read core configmaps secrets
  get core persistentvolumeclaims persistentvolumes
  get core endpoints
  create,get,list,watch certificates.k8s.io certificatesigningrequests
  create,delete,get,patch,update coordination.k8s.io leases
  get storage.k8s.io volumeattachments
  create core serviceaccounts/token
  get,patch,update core persistentvolumeclaims/status
  read storage.k8s.io csidrivers
  create,delete,get,patch,update storage.k8s.io csinodes
  read node.k8s.io runtimeclasses
  get resource.k8s.io resourceclaims
  deletecollection resource.k8s.io resourceslices
  get core serviceaccounts
system:node-bootstrapper
  create,get,list,watch certificates.k8s.io certificatesigningrequests
system:node-problem-detector
  get core nodes
  patch core nodes/status
  create,patch,update core,events.k8s.io events
system:node-proxier
  list,watch core endpoints services
  read core nodes
  create,patch,update core,events.k8s.io events
  list,watch networking.k8s.io servicecidrs
  list,watch discovery.k8s.io endpointslices
system:persistent-volume-provisioner
  create,delete,get,list,watch core persistentvolumes
  get,list,update,watch core persistentvolumeclaims
  read storage.k8s.io storageclasses
  watch core events
  create,patch,update core,events.k8s.io events
system:public-info-viewer
  get url /healthz /livez /readyz /version /version/
system:service-account-issuer-discovery
  get url /.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks
    /openid/v1/jwks/
view to=edit from=view
`

// A binding and role of one name, then its subjects: users, groups, and service accounts as namespace/name.
export const defaultBindings = `
cluster-admin group=system:masters
system:basic-user group=system:authenticated
system:discovery group=system:authenticated
system:kube-dns account=kube-system/kube-dns
system:monitoring group=system:monitoring
system:node
system:node-proxier user=system:kube-proxy
system:public-info-viewer group=system:authenticated group=system:unauthenticated
system:service-account-issuer-discovery group=system:serviceaccounts
`
