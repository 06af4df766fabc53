// What is wrong with a role or a binding?
import { invalidValue, requiredValue } from '../causes.ts'
import { at, mapsAt, textAt, textsAt } from '../reading.ts'
import type { JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import type { Obj } from '../types.ts'
import { choiceCauses } from './core.ts'
import { selectorCauses } from './selectors.ts'
import { isPathSegment, isSubdomain, optionalWordCauses } from './syntax.ts'

export const accessValidators: Record<string, (object: Obj) => Cause[]> = {
  'Role.rbac.authorization.k8s.io': (role) => ruleCauses(role, true),
  'ClusterRole.rbac.authorization.k8s.io': (role) => [
    ...ruleCauses(role, false),
    ...aggregationCauses(role),
  ],
  'RoleBinding.rbac.authorization.k8s.io': (binding) =>
    bindingCauses(binding, { kinds: ['Role', 'ClusterRole'], isNamespaced: true }),
  'ClusterRoleBinding.rbac.authorization.k8s.io': (binding) =>
    bindingCauses(binding, { kinds: ['ClusterRole'], isNamespaced: false }),
}

// That there are verbs, the schema says.
function ruleCauses(role: Obj, isNamespaced: boolean): Cause[] {
  return mapsAt(role, 'rules').flatMap((rule, index) => {
    const field = `rules[${index}]`
    const urls = textsAt(rule, 'nonResourceURLs')
    const isEmpty = (name: string): boolean => textsAt(rule, name).length === 0
    if (urls.length > 0) {
      const wrong = (why: string): Cause => invalidValue(`${field}.nonResourceURLs`, urls, why)
      const both = 'rules cannot apply to both regular resources and non-resource URLs'
      const isAlone = ['apiGroups', 'resources', 'resourceNames'].every(isEmpty)
      return [
        ...(isNamespaced ? [wrong('namespaced rules cannot apply to non-resource URLs')] : []),
        ...(isAlone ? [] : [wrong(both)]),
      ]
    }
    const supply = (what: string): string => `resource rules must supply at least one ${what}`
    return [
      ...(isEmpty('apiGroups') ? [requiredValue(`${field}.apiGroups`, supply('api group'))] : []),
      ...(isEmpty('resources') ? [requiredValue(`${field}.resources`, supply('resource'))] : []),
    ]
  })
}

function aggregationCauses(role: Obj): Cause[] {
  if (at(role, 'aggregationRule') === undefined) return []
  const field = 'aggregationRule.clusterRoleSelectors'
  const selectors = mapsAt(role, field)
  if (selectors.length === 0)
    return [
      requiredValue(
        field,
        'at least one clusterRoleSelector required if aggregationRule is non-nil',
      ),
    ]
  return selectors.flatMap((selector, index) => {
    const causes = selectorCauses(selector, `${field}[${index}]`)
    const whole = invalidValue(`${field}[${index}]`, null, 'invalid label selector.')
    return causes.length === 0 ? [] : [...causes, whole]
  })
}

const rbacGroup = 'rbac.authorization.k8s.io'

type BindingRules = { kinds: readonly string[]; isNamespaced: boolean }

function bindingCauses(binding: Obj, { kinds, isNamespaced }: BindingRules): Cause[] {
  const name = textAt(binding, 'roleRef.name')
  return [
    ...choiceCauses('roleRef.apiGroup', textAt(binding, 'roleRef.apiGroup'), [rbacGroup]),
    ...choiceCauses('roleRef.kind', textAt(binding, 'roleRef.kind'), kinds),
    ...(name === '' ? [requiredValue('roleRef.name')] : []),
    ...optionalWordCauses('roleRef.name', name, isPathSegment),
    ...mapsAt(binding, 'subjects').flatMap((subject, index) =>
      subjectCauses(subject, `subjects[${index}]`, isNamespaced),
    ),
  ]
}

function subjectCauses(subject: JsonMap, field: string, isNamespaced: boolean): Cause[] {
  const [kind, name] = [textAt(subject, 'kind'), textAt(subject, 'name')]
  const group = textAt(subject, 'apiGroup')
  const causes = name === '' ? [requiredValue(`${field}.name`)] : []
  if (kind === 'User' || kind === 'Group')
    return [...causes, ...choiceCauses(`${field}.apiGroup`, group, [rbacGroup])]
  if (kind !== 'ServiceAccount')
    return [...causes, ...choiceCauses(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])]
  const isLost = !isNamespaced && textAt(subject, 'namespace') === ''
  return [
    ...causes,
    ...optionalWordCauses(`${field}.name`, name, isSubdomain),
    ...choiceCauses(`${field}.apiGroup`, group, ['']),
    ...(isLost ? [requiredValue(`${field}.namespace`)] : []),
  ]
}
