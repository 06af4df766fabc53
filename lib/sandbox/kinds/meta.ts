// The types every kind shares: metadata, selectors, conditions.
// How to read it: shorthand.ts.

export const metaTypes = `
package io.k8s.apimachinery.pkg.apis.meta.v1
Condition = message! reason! status! type! lastTransitionTime!:time observedGeneration:int64
FieldSelectorRequirement = key! operator! values:[string]
LabelSelector atomic = matchLabels:{string} matchExpressions:[LabelSelectorRequirement]
LabelSelectorRequirement = key! operator! values:[string]
ObjectMeta = name generateName namespace selfLink uid resourceVersion generation:int64
  creationTimestamp:time deletionTimestamp:time deletionGracePeriodSeconds*:int64 labels:{string}
  annotations:{string} finalizers:[string]/mergeset ownerReferences:[OwnerReference]/by=uid
  managedFields:[ManagedFieldsEntry]
OwnerReference atomic = apiVersion! kind! name! uid! controller*:bool blockOwnerDeletion*:bool
ManagedFieldsEntry = manager operation apiVersion time:time fieldsType fieldsV1:any subresource
`
