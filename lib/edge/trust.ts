// Whose certificates do we believe? What Node carries, and what helm and git would read from this machine.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'

type Env = Readonly<Record<string, string | undefined>>

// Debian, Red Hat, Alpine: the first that exists, as Go does it.
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]
const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** All certificates to trust, PEM, each once. SSL_CERT_FILE and SSL_CERT_DIR take the place of the system's own. */
export async function readTrustedRoots(env: Env): Promise<string[]> {
  const texts: string[] = []
  for (const file of env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : systemFiles) {
    const text = await readText(file)
    if (text !== '') texts.push(text)
    if (text !== '') break
  }
  if (env.NODE_EXTRA_CA_CERTS) texts.push(await readText(env.NODE_EXTRA_CA_CERTS))
  for (const directory of env.SSL_CERT_DIR?.split(':') ?? []) {
    const names = await readdir(directory).catch(() => [])
    for (const name of names) texts.push(await readText(join(directory, name)))
  }
  const extra = texts.flatMap((text) => text.match(pem) ?? [])
  return [...new Set([...rootCertificates, ...extra].map((one) => one.trim()))]
}

// A missing bundle means fewer certificates, not a failure.
function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
