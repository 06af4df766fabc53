// Roles, and the reviews that answer who may do what. How to read it: shorthand.ts.

export const accessTypes = `
package io.k8s.api.rbac.v1
AggregationRule = clusterRoleSelectors:[LabelSelector]
ClusterRole = rules*:[PolicyRule] aggregationRule:AggregationRule
ClusterRoleBinding = roleRef!:RoleRef/struct subjects:[Subject]
PolicyRule = apiGroups:[string] nonResourceURLs:[string] resourceNames:[string]
  resources:[string] verbs!:[string]
Role = rules*:[PolicyRule]
RoleBinding = roleRef!:RoleRef/struct subjects:[Subject]
RoleRef atomic = apiGroup kind! name!
Subject atomic = apiGroup kind! name! namespace
package io.k8s.api.authentication.v1
SelfSubjectReview = status:SelfSubjectReviewStatus/struct
SelfSubjectReviewStatus = userInfo:UserInfo/struct
TokenReview = spec!:TokenReviewSpec/struct status:TokenReviewStatus/struct
TokenReviewSpec = token! audiences:[string]
TokenReviewStatus = error authenticated:bool audiences:[string] user:UserInfo/struct
UserInfo = uid username groups:[string] extra:{[string]}
package io.k8s.api.authorization.v1
FieldSelectorAttributes = rawSelector requirements:[FieldSelectorRequirement]
LabelSelectorAttributes = rawSelector requirements:[LabelSelectorRequirement]
LocalSubjectAccessReview = spec!:SubjectAccessReviewSpec/struct
  status:SubjectAccessReviewStatus/struct
NonResourceAttributes = path verb
NonResourceRule = nonResourceURLs:[string] verbs!:[string]
ResourceAttributes = group name namespace resource subresource verb version
  fieldSelector:FieldSelectorAttributes labelSelector:LabelSelectorAttributes
ResourceRule = apiGroups:[string] resourceNames:[string] resources:[string] verbs!:[string]
SelfSubjectAccessReview = status:SubjectAccessReviewStatus/struct
  spec!:SelfSubjectAccessReviewSpec/struct
SelfSubjectAccessReviewSpec = resourceAttributes:ResourceAttributes
  nonResourceAttributes:NonResourceAttributes
SelfSubjectRulesReview = status:SubjectRulesReviewStatus/struct
  spec!:SelfSubjectRulesReviewSpec/struct
SelfSubjectRulesReviewSpec = namespace
SubjectAccessReview = spec!:SubjectAccessReviewSpec/struct
  status:SubjectAccessReviewStatus/struct
SubjectAccessReviewSpec = uid user groups:[string] extra:{[string]}
  resourceAttributes:ResourceAttributes nonResourceAttributes:NonResourceAttributes
SubjectAccessReviewStatus = evaluationError reason allowed!:bool denied:bool
SubjectRulesReviewStatus = evaluationError incomplete!:bool resourceRules!:[ResourceRule]
  nonResourceRules!:[NonResourceRule]
`
