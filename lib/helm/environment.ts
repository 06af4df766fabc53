// Which of our environment variables a helm process gets to see, and which are said anew.

import type { Identity } from '../model/identity.ts'

type Env = Readonly<Record<string, string | undefined>>

// What programs need anywhere, the network and its certificates, the cluster we may be in, and whatever credential and
// downloader plugins live on.
const passed =
  /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|TZ|LANG|LC_\w+|KUBECONFIG|KUBERNETES_\w+|(?:https?|no|all|ftp)_proxy|SSL_CERT_(?:FILE|DIR)|(?:HELM|XDG|AWS|AZURE|ARM|GOOGLE|GCP|CLOUDSDK|DIGITALOCEAN|OCI|ALIBABA|GIT|SSH|DOCKER)_\w+|DO_\w+|SYSTEMROOT|GODEBUG)$/i

// These would point helm at another cluster, namespace or storage than the operator's, or make it print secrets.
const ours = /^HELM_(?:KUBE\w+|NAMESPACE|DRIVER\w*|DEBUG|MAX_HISTORY|BIN)$/i

/**
 * Changes to the host's environment for one helm process: undefined removes a variable. The caches are shared by all
 * processes, so that discovery is paid for once; what the host says of Helm's own directories goes first.
 *
 * A helm that impersonates must not find the operator's own pod: client-go ignores --kube-as-user when it falls back to the
 * credentials of the pod (kubernetes/kubernetes#116640), and helm would act with the operator's rights.
 */
export function helmEnvironment(
  host: Env,
  { cacheDir, identity }: { cacheDir: string; identity?: Identity },
): Env {
  const removed = Object.keys(host).filter((name) => !passed.test(name) || ours.test(name))
  return {
    ...Object.fromEntries(removed.map((name) => [name, undefined])),
    HELM_DRIVER: 'secret',
    HELM_CACHE_HOME: host.HELM_CACHE_HOME ?? `${cacheDir}/helm`,
    KUBECACHEDIR: `${cacheDir}/kube`,
    ...(identity === undefined ? {} : { KUBERNETES_SERVICE_HOST: undefined }),
  }
}
