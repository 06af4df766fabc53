// What a pod finds in its file system: a token of its service account, the authority to trust, its namespace. Where the place
// that programs look at may be written, they are put there; elsewhere a kubeconfig names them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type AccountFiles = { token: string; authority: string; namespace: string }

const place = '/var/run/secrets/kubernetes.io/serviceaccount'

/** May the fixed place be written? Never in a pod, whose own files are there, and seldom for anybody but root. */
export function isFixedPlaceFree(): boolean {
  const leave = claimFixedPlace()
  leave?.()
  return leave !== undefined
}

/** Puts the files into the fixed place and answers how they are taken away again; undefined where somebody else has it. */
export function fillFixedPlace(files: AccountFiles): (() => void) | undefined {
  const leave = claimFixedPlace()
  if (leave !== undefined) writeFiles(place, files)
  return leave
}

// Whoever writes the token first has the place.
function claimFixedPlace(): (() => void) | undefined {
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 })
    writeFileSync(join(place, 'token'), '', { flag: 'wx', mode: 0o600 })
  } catch {
    return undefined
  }
  // The token goes last: until then nobody else begins.
  return () => {
    for (const name of ['ca.crt', 'namespace', 'token']) rmSync(join(place, name), { force: true })
  }
}

/** Writes the files into a directory, and a kubeconfig for the server that names them; answers the kubeconfig's path. */
export function fillDirectory(directory: string, files: AccountFiles, server: string): string {
  writeFiles(directory, files)
  const path = join(directory, 'pod.kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'pod', cluster: { server, 'certificate-authority': join(directory, 'ca.crt') } },
    ],
    users: [{ name: 'pod', user: { tokenFile: join(directory, 'token') } }],
    contexts: [
      { name: 'pod', context: { cluster: 'pod', user: 'pod', namespace: files.namespace } },
    ],
    'current-context': 'pod',
  }
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}

function writeFiles(directory: string, { token, authority, namespace }: AccountFiles): void {
  for (const [name, text] of [
    ['token', token],
    ['ca.crt', authority],
    ['namespace', namespace],
  ] as const)
    writeFileSync(join(directory, name), text, { mode: 0o600 })
}
