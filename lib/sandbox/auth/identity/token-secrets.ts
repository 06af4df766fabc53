// Secrets of type kubernetes.io/service-account-token: each is filled with a token of its account, and goes with the account.
import { Buffer } from 'node:buffer'
import { createWorklist } from '../../control/worklist.ts'
import { deleteObject } from '../../remove.ts'
import type { Obj, ResourceDefinition } from '../../types.ts'
import { withMeta, type World } from '../../world.ts'
import { updateObject } from '../../write.ts'
import { legacyClaims } from './account-token.ts'

const manager = 'kube-controller-manager'
const accountKey = 'kubernetes.io/service-account.name'
const uidKey = 'kubernetes.io/service-account.uid'

/** Keeps these Secrets in order until the returned function is called. */
export function fillTokenSecrets(world: World): () => void {
  const secrets = world.registry.resolve('secrets')!
  const accounts = world.registry.resolve('serviceaccounts')!
  const collection = world.store.collection(secrets)
  const list = createWorklist<Obj>(world, ({ metadata: { namespace, name } }) => {
    const secret = collection.get(namespace, name)
    if (secret !== undefined) settle(world, { secrets, accounts }, secret)
  })
  const look = (secret: Obj): void => {
    if (isTokenSecret(secret))
      list.add(`${secret.metadata.namespace}/${secret.metadata.name}`, secret)
  }
  const unsubscribe = world.store.subscribe(({ definition, object }) => {
    if (definition === secrets) return look(object)
    if (definition !== accounts) return
    for (const key of collection.keys(object.metadata.namespace)) look(collection.at(key)!)
  })
  return () => (unsubscribe(), list.stop())
}

function isTokenSecret(secret: Obj): boolean {
  return secret['type'] === 'kubernetes.io/service-account-token'
}

function settle(
  world: World,
  { secrets, accounts }: { secrets: ResourceDefinition; accounts: ResourceDefinition },
  secret: Obj,
): void {
  const { namespace, name, annotations = {} } = secret.metadata
  const account = world.store.collection(accounts).get(namespace, annotations[accountKey] ?? '')
  const uid = account?.metadata.uid
  const target = { definition: secrets, namespace, name }
  const isStale = annotations[uidKey] !== undefined && annotations[uidKey] !== uid
  // An account that was made anew under the same name is another account.
  if (account === undefined || isStale) return void deleteObject(world, target, {})
  const data = (secret['data'] ?? {}) as Record<string, string>
  if (data['token'] && data['namespace'] && data['ca.crt'] && annotations[uidKey]) return
  const { authority, signer } = world.credentials
  const filled = {
    'ca.crt': encoded(authority.certificate),
    namespace: encoded(namespace ?? ''),
    token: data['token'] || encoded(signer.sign(legacyClaims(account, secret))),
  }
  updateObject(
    world,
    target,
    (before) =>
      withMeta(
        { ...before, data: { ...data, ...filled } },
        { annotations: { ...annotations, [uidKey]: uid } },
      ),
    { manager },
  )
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}
