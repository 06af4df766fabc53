// What the errors of both Helms, and of the API servers behind them, mean for a release: the first pattern that fits wins.
import type { ErrorCode } from '../model/errors.ts'
import { explainImport, explainUnknownKinds, explainWrongType } from './conflicts.ts'
import { explainDenials } from './forbidden.ts'
import { colon, isLate, schemaLines, short, templateError, unready } from './phrases.ts'

type Failed = { object: string; text: string; patience: string }
export type CauseOfFailure = {
  pattern: RegExp
  // The code of the operation where it is left out.
  code?: ErrorCode
  say: (found: RegExpExecArray, failed: Failed) => string
}

// The chart and its values, before anything is sent.
const rendering: readonly CauseOfFailure[] = [
  {
    pattern: /values don't meet the specifications of the schema\(s\)[^\n]*\n([\s\S]*)/,
    code: 'ValuesSchemaViolated',
    say: ([, violations]) =>
      `the values break the chart's values.schema.json: ${short(schemaLines(violations))}; correct them`,
  },
  {
    pattern: /executing "[^"]*" at </,
    code: 'RenderFailed',
    say: (_, { text }) => `${templateError(text)}; correct the values, or the chart`,
  },
  {
    pattern: /execution error at \(([^)]+)\): ([\s\S]*)/,
    code: 'RenderFailed',
    say: ([, at, why]) => `template ${at} refuses the values: ${short(why)}`,
  },
  {
    pattern: /parse error at \(([^)]+)\): ([\s\S]*)/,
    code: 'RenderFailed',
    say: ([, at, why]) => `template ${at} cannot be parsed: ${short(why)}; correct the chart`,
  },
  {
    pattern: /YAML parse error on (\S+): (?:error converting YAML to JSON: )?([\s\S]*)/,
    code: 'RenderFailed',
    say: ([, file, why]) =>
      `template ${file} makes no valid YAML: ${short(why)}; correct the values, or the chart`,
  },
  {
    // What an API server without /openapi/v2 makes of a kind that it does not know.
    pattern: /error validating data: the server could not find the requested resource/,
    code: 'KindNotServed',
    say: () =>
      'the API server knows not all of its kinds; install its CRD first, or use versions that are served',
  },
  {
    pattern: /error validating data: ([\s\S]*)/,
    code: 'RenderFailed',
    say: ([, why]) =>
      `the chart makes an object that Kubernetes does not know: ${short(why)}; correct the chart`,
  },
  {
    pattern: /library charts are not installable/,
    code: 'ChartInvalid',
    say: () =>
      'it is a library chart, made to be used by others; name a chart of type "application"',
  },
  {
    pattern: /missing in charts\/ directory: (.*)/,
    code: 'ChartInvalid',
    say: ([, names]) =>
      `the chart lacks its dependencies ${short(names)}; vendor them, or let them be updated`,
  },
  {
    pattern:
      /Chart\.yaml file is missing|unable to detect chart|cannot load Chart\.yaml|path "[^"]*" not found/,
    code: 'ChartInvalid',
    say: () => 'the chart has no readable Chart.yaml; correct the path or the chart',
  },
  {
    pattern: /chart requires kubeVersion: (.+?) which is incompatible with Kubernetes (\S+)/,
    code: 'ChartInvalid',
    say: ([, wanted, is]) =>
      `the chart wants Kubernetes ${wanted}, this is ${is}; choose another version of the chart`,
  },
]

// The storage and the name.
const bookkeeping: readonly CauseOfFailure[] = [
  {
    pattern: /release name is invalid: (\S*)|invalid release name/,
    code: 'InvalidReleaseName',
    say: ([, name = '']) =>
      `${name && `"${name}" has ${name.length} characters; `}a release name has at most 53, of a-z, 0-9, "-" and "."; set releaseName`,
  },
  {
    pattern: /another operation \(install\/upgrade\/rollback\) is in progress/,
    code: 'ReleaseLocked',
    say: () => 'another helm is at work on it, or died while it was; it is tried again',
  },
  {
    pattern:
      /Secret "sh\.helm\.release[^"]*" is invalid: data: Too long|request is too large|entity too large/i,
    say: () =>
      'chart and values together are larger than the 1 MiB that a Secret holds; make the chart smaller',
  },
  {
    pattern: /release has no (\d+) version/,
    say: ([, revision]) => `revision ${revision} is no longer in its history; raise maxHistory`,
  },
  {
    pattern: /has no deployed releases|release: not found|Release not loaded/,
    say: () => 'there is no such release, or none of its revisions was ever deployed',
  },
]

// The cluster and this machine.
const surroundings: readonly CauseOfFailure[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'DiskFull',
    say: () => 'no space is left on disk; free some, or point TMPDIR elsewhere',
  },
  {
    pattern: /failed calling webhook "([^"]+)": ([\s\S]*)/,
    say: ([, webhook, why]) =>
      `admission webhook "${webhook}" does not answer: ${short(why)}; mend or remove it`,
  },
  {
    pattern: /admission webhook "([^"]+)" denied the request: ([\s\S]*)/,
    say: ([, webhook, why]) => `admission webhook "${webhook}" refuses it: ${short(why)}`,
  },
  {
    pattern: /context "([^"]*)" does not exist/,
    code: 'ClusterUnreachable',
    say: ([, context]) => `the kubeconfig has no context "${context}"; correct --context`,
  },
  {
    pattern:
      /cluster unreachable: ([\s\S]*)|connection refused|connection reset|no such host|i\/o timeout|TLS handshake timeout|x509: |client connection lost|unexpected EOF|server is currently unable|etcdserver: |Client\.Timeout|the server was unable to return a response/i,
    code: 'ClusterUnreachable',
    say: ([whole, why]) =>
      `the API server does not answer: ${short(why ?? whole)}; it is tried again`,
  },
  {
    pattern: /Unauthorized|must be logged in to the server/,
    code: 'ClusterUnreachable',
    say: () => "the API server does not accept the operator's credentials; renew them",
  },
  {
    pattern: /is forbidden: User "[^"]+" cannot/,
    code: 'Forbidden',
    say: (_, { text }) => short(explainDenials(text) ?? text),
  },
  {
    pattern: /namespaces "([^"]+)" not found/,
    code: 'TargetNamespaceNotFound',
    say: ([, namespace]) =>
      `namespace "${namespace}" does not exist; create it, since the operator creates no namespaces`,
  },
  {
    pattern: /unable to create new content in namespace (\S+) because it is being terminated/,
    code: 'TargetNamespaceNotFound',
    say: ([, namespace]) =>
      `namespace "${namespace}" is being deleted; wait until it has gone and create it again`,
  },
]

// The objects.
const objects: readonly CauseOfFailure[] = [
  {
    pattern: /exists and cannot be imported/,
    code: 'ObjectNotOwned',
    say: (_, { text }) => explainImport(text),
  },
  {
    pattern: /no matches for kind "[^"]+" in version "[^"]+"/,
    code: 'KindNotServed',
    say: (_, { text }) => explainUnknownKinds(text),
  },
  {
    pattern: /json: cannot unmarshal \w+ into Go/,
    code: 'ObjectInvalid',
    say: (_, { text }) => explainWrongType(text),
  },
  {
    pattern: /conflict occurred while applying object (\S+) \S+ Kind=(\w+): ([\s\S]*)/,
    code: 'ObjectNotOwned',
    say: ([, name, kind, why]) =>
      `others own fields of ${kind}/${name}: ${short(why)}; give them up there, or leave them out of the values`,
  },
  {
    pattern:
      /(\w+)(?:\.\S+)? "([^"]+)" is invalid: ([\w.[\]-]+): (?:Invalid value: [\s\S]*: field is immutable|Forbidden: updates to \w+ spec)/,
    code: 'ObjectInvalid',
    say: ([, kind, name, field]) =>
      `${kind} "${name}" exists and its field ${field} cannot be changed; delete the object, or undo the change`,
  },
  {
    pattern: /(\w+)(?:\.\S+)? "([^"]+)" is invalid: ([\s\S]*)/,
    code: 'ObjectInvalid',
    say: ([, kind, name, why]) =>
      `${kind} "${name}" is invalid: ${short(why)}; correct the values, or the chart`,
  },
  {
    pattern:
      /failed to create typed patch object \((\S+); \S+ Kind=(\w+)\): ([\s\S]*(?:duplicate entries|omits key field)[\s\S]*)/,
    code: 'ObjectInvalid',
    say: ([, name, kind, why]) =>
      `server-side apply refuses ${kind}/${name}, whose lists must name each key once: ${short(why)}; correct the chart or the values, or do without serverSideApply`,
  },
  {
    pattern: /failed to create typed patch object \((\S+); \S+ Kind=(\w+)\): ([\s\S]*)/,
    code: 'ObjectInvalid',
    say: ([, name, kind, why]) =>
      `${kind}/${name} is invalid: ${short(why)}; correct the values, or the chart`,
  },
  {
    pattern: /(\S+) "([^"]+)" is forbidden: ([\s\S]*)/,
    say: ([, resource, name, why]) => `the cluster refuses ${resource} "${name}": ${short(why)}`,
  },
  {
    pattern:
      /no (\w+) with the name "([^"]+)" found|original object (\w+) with the name "([^"]+)" not found/,
    say: ([, kind, name, kind4, name4]) =>
      `${kind ?? kind4} "${name ?? name4}" was deleted behind Helm's back; uninstall the release, or upgrade it`,
  },
]

// Time, hooks and tests.
const waiting: readonly CauseOfFailure[] = [
  {
    pattern: /^(?:failed )?((?:pre|post)-\w+)(?: hooks failed)?: ([\s\S]*)/,
    say: ([, event, why = ''], { patience }) =>
      isLate(why)
        ? `its ${event} hook did not end within ${patience}${colon(unready(why))}; raise the timeout, or mend the hook`
        : `its ${event} hook failed: ${unready(why) || short(why)}`,
  },
  {
    pattern: /context canceled|has been cancelled/,
    code: 'Interrupted',
    say: () => 'helm was told to stop before it was done',
  },
  {
    pattern: /context deadline exceeded|timed out waiting/,
    say: (_, { text, patience }) =>
      `not everything was ready within ${patience}${colon(unready(text))}; raise the timeout, or look at what is not`,
  },
  {
    pattern: /not ready\. status: /,
    say: (_, { text }) => unready(text),
  },
]

export const releaseCauses: readonly CauseOfFailure[] = [
  ...rendering,
  ...bookkeeping,
  ...surroundings,
  ...waiting.slice(0, 1),
  ...objects,
  ...waiting.slice(1),
]

// Nothing else is waited for when a release is uninstalled, and Helm does not say which hook it was.
const removing: CauseOfFailure = {
  pattern:
    /not ready\. status: |(?:^|; )(?:job|pod) \S+ failed|context deadline exceeded|timed out/,
  say: (_, { text, patience }) =>
    `its delete hook ${isLate(text) ? `did not end within ${patience}${colon(unready(text))}` : `failed: ${unready(text)}`}; mend the hook, or run helm uninstall --no-hooks`,
}

/** The same for helm uninstall. */
export const removalCauses: readonly CauseOfFailure[] = [
  ...surroundings,
  removing,
  ...releaseCauses,
]
