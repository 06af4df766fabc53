// What extends the API itself: custom resources and admission. How to read it: shorthand.ts.
// The schema inside a CustomResourceDefinition is open here; crds.ts checks it.

export const extensionTypes = `
package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
CustomResourceColumnDefinition = description format jsonPath! name! type! priority:int32
CustomResourceConversion = strategy! webhook:WebhookConversion
CustomResourceDefinition = spec!:CustomResourceDefinitionSpec/struct
  status:CustomResourceDefinitionStatus/struct
CustomResourceDefinitionCondition = message reason status! type! lastTransitionTime:time
  observedGeneration:int64
CustomResourceDefinitionNames = kind! listKind plural! singular categories:[string]
  shortNames:[string]
CustomResourceDefinitionSpec = group! scope! preserveUnknownFields:bool
  conversion:CustomResourceConversion names!:CustomResourceDefinitionNames/struct
  versions!:[CustomResourceDefinitionVersion]
CustomResourceDefinitionStatus = observedGeneration:int64 storedVersions*:[string]
  acceptedNames:CustomResourceDefinitionNames/struct
  conditions*:[CustomResourceDefinitionCondition]/keyed=type
CustomResourceDefinitionVersion = deprecationWarning* name! deprecated:bool served!:bool
  storage!:bool selectableFields:[SelectableField] schema:CustomResourceValidation
  subresources:CustomResourceSubresources
  additionalPrinterColumns:[CustomResourceColumnDefinition]
CustomResourceSubresourceScale = labelSelectorPath* specReplicasPath! statusReplicasPath!
CustomResourceSubresources = scale:CustomResourceSubresourceScale status:any
CustomResourceValidation = openAPIV3Schema:any
SelectableField = jsonPath!
ServiceReference = name! namespace! path* port*:int32
WebhookClientConfig = url* caBundle:bytes service:ServiceReference
WebhookConversion = conversionReviewVersions!:[string] clientConfig:WebhookClientConfig
package io.k8s.api.admissionregistration.v1
ApplyConfiguration = expression
AuditAnnotation = key! valueExpression!
ExpressionWarning = fieldRef! warning!
JSONPatch = expression
MatchCondition = expression! name!
MatchResources atomic = namespaceSelector:LabelSelector objectSelector:LabelSelector
  matchPolicy*:Equivalent|Exact excludeResourceRules:[NamedRuleWithOperations]
  resourceRules:[NamedRuleWithOperations]
MutatingAdmissionPolicy = spec:MutatingAdmissionPolicySpec/struct
MutatingAdmissionPolicyBinding = spec:MutatingAdmissionPolicyBindingSpec/struct
MutatingAdmissionPolicyBindingSpec = policyName paramRef:ParamRef matchResources:MatchResources
MutatingAdmissionPolicySpec = paramKind:ParamKind mutations:[Mutation] variables:[Variable]
  failurePolicy*:Fail|Ignore matchConstraints:MatchResources reinvocationPolicy:IfNeeded|Never
  matchConditions:[MatchCondition]/by=name
MutatingWebhook = name! timeoutSeconds*:int32 admissionReviewVersions!:[string]
  failurePolicy*:Fail|Ignore namespaceSelector:LabelSelector objectSelector:LabelSelector
  reinvocationPolicy*:IfNeeded|Never matchPolicy*:Equivalent|Exact
  clientConfig!:WebhookClientConfig/struct rules:[RuleWithOperations]
  matchConditions:[MatchCondition]/by=name sideEffects!:None|NoneOnDryRun|Some|Unknown
MutatingWebhookConfiguration = webhooks:[MutatingWebhook]/by=name
Mutation = jsonPatch:JSONPatch applyConfiguration:ApplyConfiguration
  patchType!:ApplyConfiguration|JSONPatch
NamedRuleWithOperations atomic = apiGroups:[string] apiVersions:[string] resourceNames:[string]
  resources:[string] scope:*|Cluster|Namespaced operations:[*|CONNECT|CREATE|DELETE|UPDATE]
ParamKind atomic = apiVersion kind
ParamRef atomic = name namespace parameterNotFoundAction* selector:LabelSelector
RuleWithOperations = apiGroups:[string] apiVersions:[string] resources:[string]
  scope:*|Cluster|Namespaced operations:[*|CONNECT|CREATE|DELETE|UPDATE]
ServiceReference = name! namespace! path* port*:int32
TypeChecking = expressionWarnings:[ExpressionWarning]
ValidatingAdmissionPolicy = spec:ValidatingAdmissionPolicySpec/struct
  status:ValidatingAdmissionPolicyStatus/struct
ValidatingAdmissionPolicyBinding = spec!:ValidatingAdmissionPolicyBindingSpec/struct
ValidatingAdmissionPolicyBindingSpec = policyName! paramRef:ParamRef
  matchResources:MatchResources validationActions!:[Audit|Deny|Warn]/set
ValidatingAdmissionPolicySpec = paramKind:ParamKind failurePolicy*:Fail|Ignore
  validations:[Validation] matchConstraints:MatchResources auditAnnotations:[AuditAnnotation]
  variables:[Variable]/by=name matchConditions:[MatchCondition]/by=name
ValidatingAdmissionPolicyStatus = observedGeneration:int64 typeChecking:TypeChecking
  conditions:[Condition]/keyed=type
ValidatingWebhook = name! timeoutSeconds*:int32 admissionReviewVersions!:[string]
  failurePolicy*:Fail|Ignore namespaceSelector:LabelSelector objectSelector:LabelSelector
  matchPolicy*:Equivalent|Exact clientConfig!:WebhookClientConfig/struct
  rules:[RuleWithOperations] matchConditions:[MatchCondition]/by=name
  sideEffects!:None|NoneOnDryRun|Some|Unknown
ValidatingWebhookConfiguration = webhooks:[ValidatingWebhook]/by=name
Validation = expression! message messageExpression reason*
Variable atomic = expression! name!
WebhookClientConfig = url* caBundle:bytes service:ServiceReference
`
