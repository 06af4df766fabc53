// Lays down the roles and bindings that a cluster has from its first moment, from the tables in default-roles.ts.
import type { Obj } from '../../types.ts'
import { prepareForCreate } from '../../strategy.ts'
import type { World } from '../../world.ts'
import { gatherRules } from './aggregate.ts'
import { defaultBindings, defaultRoles } from './default-roles.ts'
import { rbacGroup } from './authorize.ts'
import type { PolicyRule } from './rules.ts'

const apiVersion = `${rbacGroup}/v1`
const metadata = {
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
}

/** Creates the default ClusterRoles and bindings, and the one Role that extension API servers read. */
export function layDefaultRoles(world: World): void {
  for (const role of completeRoles(parseRoles(defaultRoles))) create(world, 'clusterroles', role)
  for (const line of defaultBindings.trim().split('\n'))
    create(world, 'clusterrolebindings', parseBinding(line))
  create(world, 'roles', extensionReader, 'kube-system')
}

// What is gathered from others, from the smallest on: admin has what edit has, and edit what view has.
function completeRoles(roles: readonly Obj[]): Obj[] {
  const complete = new Map(roles.map((role) => [role.metadata.name, role]))
  for (const name of ['view', 'edit', 'admin']) {
    const role = complete.get(name)!
    complete.set(name, { ...role, rules: gatherRules(role, [...complete.values()]) })
  }
  return [...complete.values()]
}

function create(world: World, plural: string, object: Obj, namespace?: string): void {
  const definition = world.registry.resolve(`${plural}.${rbacGroup}`)!
  // Whole and valid as they are: what else happens to a new object would take half of the time that a sandbox needs to start.
  world.store.put(definition, prepareForCreate(world, definition, object, namespace))
}

const shortVerbs: Readonly<Record<string, string>> = {
  read: 'get,list,watch',
  write: 'create,delete,deletecollection,patch,update',
  any: 'create,delete,deletecollection,get,list,patch,update,watch',
}

function parseRoles(table: string): Obj[] {
  // A line of a rule is indented, and its continuation more.
  const [, ...texts] = table.replace(/\n {4}/g, ' ').split(/\n(?! |$)/)
  return texts.map((text) => {
    const [head = '', ...rules] = text.trim().split('\n')
    const [name = '', ...words] = head.split(' ')
    return {
      apiVersion,
      kind: 'ClusterRole',
      ...{ metadata: { ...metadata, name, labels: roleLabels(words) } },
      ...(words.some((word) => word.startsWith('from='))
        ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: partOf(name) }] } }
        : {}),
      rules: rules.map((line) => parseRule(line.trim())),
    }
  })
}

function roleLabels(words: readonly string[]): Record<string, string> {
  const target = words.find((word) => word.startsWith('to='))?.slice('to='.length)
  return { ...metadata.labels, ...(target === undefined ? {} : partOf(target)) }
}

function partOf(role: string): Record<string, string> {
  return { [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' }
}

function parseRule(line: string): PolicyRule {
  const [verbText = '', groupText = '', ...words] = line.split(' ')
  const verbs = (shortVerbs[verbText] ?? verbText).split(',')
  if (groupText === 'url') return { nonResourceURLs: words, verbs }
  const names = words.filter((word) => word.startsWith('name='))
  return {
    apiGroups: groupText.split(',').map((group) => (group === 'core' ? '' : group)),
    ...(names.length === 0 ? {} : { resourceNames: names.map((one) => one.slice('name='.length)) }),
    resources: words.filter((word) => !word.startsWith('name=')),
    verbs,
  }
}

function parseBinding(line: string): Obj {
  const [name = '', ...subjects] = line.split(' ')
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { ...metadata, name },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(parseSubject) }),
  }
}

function parseSubject(word: string): object {
  const [kind = '', name = ''] = word.split('=')
  if (kind !== 'account')
    return { apiGroup: rbacGroup, kind: kind === 'user' ? 'User' : 'Group', name }
  const [namespace = '', account = ''] = name.split('/')
  return { kind: 'ServiceAccount', name: account, namespace }
}

const extensionReader: Obj = {
  apiVersion,
  kind: 'Role',
  metadata: { ...metadata, name: 'extension-apiserver-authentication-reader' },
  rules: [
    {
      apiGroups: [''],
      resourceNames: ['extension-apiserver-authentication'],
      resources: ['configmaps'],
      verbs: ['get', 'list', 'watch'],
    },
  ],
}
