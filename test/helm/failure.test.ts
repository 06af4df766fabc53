import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { releaseCauses } from '../../lib/helm/causes.ts'
import { errorText, explainFailure, type FailedCall } from '../../lib/helm/failure.ts'
import { CommandError, type ErrorCode } from '../../lib/model/errors.ts'

const test = suite('explainFailure()')

const call: FailedCall = {
  verb: 'upgrade',
  object: 'release "api"',
  code: 'UpgradeFailed',
  causes: releaseCauses,
  timeoutMs: 4_000,
  secrets: [],
}

function explained(
  stderr: string,
  over: Partial<CommandError> & { call?: Partial<FailedCall> } = {},
) {
  const { reason = 'exit', exitCode = 1 } = over
  const error = new CommandError({ program: 'helm', args: ['upgrade'], reason, exitCode, stderr })
  return explainFailure(error, { ...call, ...over.call })
}

// What the binaries print, word for word; the sentence begins after "Cannot upgrade release "api": ".
for (const [situation, code, stderr, sentence] of [
  [
    'a template error of Helm 3',
    'RenderFailed',
    'Error: UPGRADE FAILED: template: app/templates/cm.yaml:4:18: executing "app/templates/cm.yaml" at <.Values.a.b.c>: nil pointer evaluating interface {}.b\n',
    'template app/templates/cm.yaml:4:18 fails at <.Values.a.b.c>: nil pointer evaluating interface {}.b; correct the values, or the chart',
  ],
  [
    'a template error of Helm 4, several calls deep',
    'RenderFailed',
    'Error: n/templates/a.yaml:1:6\n  executing "n/templates/a.yaml" at <include "bar" .>:\n    error calling include:\nn/templates/_h.tpl:2:10\n  executing "foo" at <.Values.x.y>:\n    nil pointer evaluating interface {}.y\n',
    'template n/templates/_h.tpl:2:10 (called from n/templates/a.yaml:1:6) fails at <.Values.x.y>: nil pointer evaluating interface {}.y; correct the values, or the chart',
  ],
  [
    'a function that does not exist',
    'RenderFailed',
    'Error: parse error at (app/templates/cm.yaml:4): function "nofunc" not defined\n',
    'template app/templates/cm.yaml:4 cannot be parsed: function "nofunc" not defined; correct the chart',
  ],
  [
    'a chart that fails on purpose',
    'RenderFailed',
    'Error: execution error at (app/templates/cm.yaml:4:11): you must set name\n',
    'template app/templates/cm.yaml:4:11 refuses the values: you must set name',
  ],
  [
    'YAML that is none',
    'RenderFailed',
    'Error: YAML parse error on app/templates/cm.yaml: error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context\n\nUse --debug flag to render out invalid YAML\n',
    'template app/templates/cm.yaml makes no valid YAML: yaml: line 3: mapping values are not allowed in this context; correct the values, or the chart',
  ],
  [
    'a broken schema in Helm 3',
    'ValuesSchemaViolated',
    "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nschema:\n- (root): image is required\n- replicas: Invalid type. Expected: integer, given: string\n\n",
    "the values break the chart's values.schema.json: (chart schema) (root): image is required; replicas: Invalid type. Expected: integer, given: string; correct them",
  ],
  [
    'a broken schema in Helm 4',
    'ValuesSchemaViolated',
    "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nschema:\n- at '': missing property 'image'\n\n",
    "the values break the chart's values.schema.json: (chart schema) at '': missing property 'image'; correct them",
  ],
  [
    'a CRD that is missing',
    'KindNotServed',
    'Error: unable to build kubernetes objects from release manifest: [resource mapping not found for name: "w" namespace: "" from "": no matches for kind "Widget" in version "example.com/v1"\nensure CRDs are installed first, resource mapping not found for name: "x" namespace: "" from "": no matches for kind "Gadget" in version "example.com/v1"\nensure CRDs are installed first]\n',
    'the API server knows no Widget of example.com/v1, Gadget of example.com/v1; install its CRD first, or use a version that is served',
  ],
  [
    'an object that is nobody’s',
    'ObjectNotOwned',
    'Error: Unable to continue with install: ConfigMap "theirs" in namespace "shop" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "api"\n',
    'ConfigMap/shop/theirs exists and is not managed by Helm; delete it if nothing needs it, or label and annotate it for adoption',
  ],
  [
    'an object of another release',
    'ObjectNotOwned',
    'Error: unable to continue with install: Service "x" in namespace "shop" exists and cannot be imported into the current release: invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-name" must equal "api": current value is "other"\n',
    'Service/shop/x exists and belongs to release "other", which still needs it; choose another name for it in the values, or let only one of the two releases have it',
  ],
  [
    'a cluster-wide object of the release of the same name in another namespace',
    'ObjectNotOwned',
    'Error: Unable to continue with install: ClusterRole "x" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-namespace" must equal "shop": current value is "bank"\n',
    'ClusterRole/x exists and belongs to the release of the same name in namespace "bank", which still needs it; choose another name for it in the values, or let only one of the two releases have it',
  ],
  [
    'kinds of Kubernetes that are gone',
    'KindNotServed',
    'Error: unable to build kubernetes objects from release manifest: [resource mapping not found for name: "w" namespace: "" from "": no matches for kind "Ingress" in version "extensions/v1beta1"\nensure CRDs are installed first, resource mapping not found for name: "x" namespace: "" from "": no matches for kind "PodSecurityPolicy" in version "policy/v1beta1"\nensure CRDs are installed first]\n',
    'the API server knows no Ingress of extensions/v1beta1, PodSecurityPolicy of policy/v1beta1; Ingress is served as networking.k8s.io/v1 now, Kubernetes has no PodSecurityPolicy any more; choose a newer version of the chart',
  ],
  [
    'a field of the wrong type that Helm 3 patches',
    'ObjectInvalid',
    'Error: UPGRADE FAILED: cannot patch "api" with kind Deployment:  "" is invalid: patch: Invalid value: "{\\"spec\\":{\\"replicas\\":\\"faulty\\"}}": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32\n',
    'Deployment "api" is invalid: field spec.replicas gets a string where int32 is wanted; correct the values, or the chart',
  ],
  [
    'a field of the wrong type that Helm creates',
    'ObjectInvalid',
    'Error: Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32\n',
    'Deployment is invalid: field spec.replicas gets a string where int32 is wanted; correct the values, or the chart',
  ],
  [
    'a namespace that is missing',
    'TargetNamespaceNotFound',
    'Error: create: failed to create: namespaces "shop" not found\n',
    'namespace "shop" does not exist; create it, since the operator creates no namespaces',
  ],
  [
    'a name that is too long',
    'InvalidReleaseName',
    `Error: release name is invalid: ${'a'.repeat(54)}\n`,
    `"${'a'.repeat(54)}" has 54 characters; a release name has at most 53, of a-z, 0-9, "-" and "."; set releaseName`,
  ],
  [
    'another helm at work',
    'ReleaseLocked',
    'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress\n',
    'another helm is at work on it, or died while it was; it is tried again',
  ],
  [
    'rights that Helm 3 lacks',
    'Forbidden',
    'Error: 2 errors occurred:\n\t* configmaps is forbidden: User "bob" cannot create resource "configmaps" in API group "" in the namespace "shop"\n\t* deployments.apps is forbidden: User "bob" cannot create resource "deployments" in API group "apps" in the namespace "shop"\n\n\n',
    'user "bob" may not create configmaps in namespace "shop", create deployments.apps in namespace "shop"; grant that with a Role and a RoleBinding',
  ],
  [
    'rights that Helm 4 lacks',
    'Forbidden',
    'level=WARN msg="upgrade failed" name=api error="configmaps \\"fc4\\" is forbidden"\nError: UPGRADE FAILED: configmaps "fc4" is forbidden: User "bob" cannot patch resource "configmaps" in API group "" in the namespace "shop" && clusterroles.rbac.authorization.k8s.io "x" is forbidden: User "bob" cannot patch resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope\n',
    'user "bob" may not patch configmaps in namespace "shop", patch clusterroles.rbac.authorization.k8s.io in the whole cluster; grant that with a ClusterRole and a ClusterRoleBinding',
  ],
  [
    'a quota that is used up',
    'UpgradeFailed',
    'Error: 1 error occurred:\n\t* configmaps "q" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=0\n\n\n',
    'the cluster refuses configmaps "q": exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=0',
  ],
  [
    'an API server that is gone',
    'ClusterUnreachable',
    'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:1/version": dial tcp 127.0.0.1:1: connect: connection refused\n',
    'the API server does not answer: Get "https://127.0.0.1:1/version": dial tcp 127.0.0.1:1: connect: connection refused; it is tried again',
  ],
  [
    'an API server that went away in the middle',
    'ClusterUnreachable',
    'Error: UPGRADE FAILED: Get "https://10.0.0.1/api/v1/namespaces/shop/secrets/x": dial tcp 10.0.0.1:443: i/o timeout\n',
    'the API server does not answer: i/o timeout; it is tried again',
  ],
  [
    'a full disk',
    'DiskFull',
    'Error: write /tmp/x: no space left on device\n',
    'no space is left on disk; free some, or point TMPDIR elsewhere',
  ],
  [
    'an immutable field in Helm 3',
    'ObjectInvalid',
    'Error: UPGRADE FAILED: cannot patch "api" with kind Deployment: Deployment.apps "api" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable\n',
    'Deployment "api" exists and its field spec.selector cannot be changed; delete the object, or undo the change',
  ],
  [
    'a StatefulSet that may not change',
    'ObjectInvalid',
    "Error: UPGRADE FAILED: StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden\n",
    'StatefulSet "db" exists and its field spec cannot be changed; delete the object, or undo the change',
  ],
  [
    'an object that is invalid',
    'ObjectInvalid',
    'Error: UPGRADE FAILED: failed to create resource: Deployment.apps "iv" is invalid: spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`\n',
    'Deployment "iv" is invalid: spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`; correct the values, or the chart',
  ],
  [
    'a field that does not exist, server-side',
    'ObjectInvalid',
    'Error: failed to create typed patch object (shop/qqq; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema\n',
    'Deployment/shop/qqq is invalid: .spec.foo: field not declared in schema; correct the values, or the chart',
  ],
  [
    'a list that names a key twice, server-side',
    'ObjectInvalid',
    'Error: failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.template.spec.hostAliases: duplicate entries for key [ip="127.0.0.1"]\n',
    'server-side apply refuses Deployment/shop/web, whose lists must name each key once: .spec.template.spec.hostAliases: duplicate entries for key [ip="127.0.0.1"]; correct the chart or the values, or do without serverSideApply',
  ],
  [
    'a field that somebody else owns',
    'ObjectNotOwned',
    'Error: UPGRADE FAILED: conflict occurred while applying object shop/api apps/v1, Kind=Deployment: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas\n',
    'others own fields of Deployment/shop/api: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas; give them up there, or leave them out of the values',
  ],
  [
    'a webhook that does not answer',
    'UpgradeFailed',
    'Error: UPGRADE FAILED: failed to create resource: Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: Post "https://v.x.svc:443/?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused\n',
    'admission webhook "v.example.com" does not answer: failed to call webhook: Post "https://v.x.svc:443/?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused; mend or remove it',
  ],
  [
    'a release that fits into no Secret',
    'UpgradeFailed',
    'Error: UPGRADE FAILED: create: failed to create: Secret "sh.helm.release.v1.big.v2" is invalid: data: Too long: may not be more than 1048576 bytes\n',
    'chart and values together are larger than the 1 MiB that a Secret holds; make the chart smaller',
  ],
  [
    'a hook that fails in Helm 3',
    'UpgradeFailed',
    'Error: UPGRADE FAILED: pre-upgrade hooks failed: 1 error occurred:\n\t* job migrate failed: BackoffLimitExceeded\n\n\n',
    'its pre-upgrade hook failed: job "migrate" failed (BackoffLimitExceeded)',
  ],
  [
    'a hook that fails in Helm 4',
    'UpgradeFailed',
    'Error: failed pre-install: resource Job/shop/migrate not ready. status: Failed, message: Job Failed. failed: 1/1\n',
    'its pre-install hook failed: Job/shop/migrate (Failed: Job Failed. failed: 1/1)',
  ],
  [
    'a hook that takes too long',
    'UpgradeFailed',
    'Error: UPGRADE FAILED: post-upgrade hooks failed: resource Job/shop/migrate not ready. status: InProgress, message: Job in progress\ncontext deadline exceeded\n',
    'its post-upgrade hook did not end within 4 s: Job/shop/migrate (InProgress: Job in progress); raise the timeout, or mend the hook',
  ],
  [
    'objects that do not get ready in Helm 4',
    'UpgradeFailed',
    'Error: resource Deployment/shop/api not ready. status: InProgress, message: Available: 0/1\nresource Deployment/shop/db not ready. status: InProgress, message: Available: 1/2\ncontext deadline exceeded\n',
    'not everything was ready within 4 s: Deployment/shop/api (InProgress: Available: 0/1), Deployment/shop/db (InProgress: Available: 1/2); raise the timeout, or look at what is not',
  ],
  [
    'objects that do not get ready in Helm 3',
    'UpgradeFailed',
    'Error: UPGRADE FAILED: context deadline exceeded\n',
    'not everything was ready within 4 s; raise the timeout, or look at what is not',
  ],
  [
    'an object that somebody deleted',
    'UpgradeFailed',
    'Error: original object ConfigMap with the name "api" not found\n',
    'ConfigMap "api" was deleted behind Helm\'s back; uninstall the release, or upgrade it',
  ],
  [
    'a helm that was cancelled',
    'Interrupted',
    'Release api has been cancelled.\nError: context canceled\n',
    'helm was told to stop before it was done',
  ],
  [
    'something never seen before',
    'UpgradeFailed',
    'W1120 10:17:05.1 1 w.go:70] x\nError: who\n  knows\n',
    'who knows',
  ],
  ['no output at all', 'UpgradeFailed', '', 'helm exited with 1'],
] as const satisfies readonly (readonly [string, ErrorCode, string, string])[]) {
  test(`has a sentence for ${situation}`, () => {
    const error = explained(stderr)
    assert.is(error.message, `Cannot upgrade release "api": ${sentence}`)
    assert.is(error.code, code)
  })
}

for (const [reason, exitCode, stderr, code] of [
  ['abort', null, '', 'Interrupted'],
  ['timeout', null, '', 'UpgradeFailed'],
  ['spawn', null, '', 'ProgramMissing'],
  ['exit', null, 'killed by SIGKILL', 'Interrupted'],
  ['exit', 137, '', 'Interrupted'],
] as const) {
  test(`calls a helm that ended by ${reason} ${stderr || exitCode} ${code}`, () => {
    assert.is(explained(stderr, { reason, exitCode }).code, code)
  })
}

test('says nothing that was given as a secret, nor does its cause', () => {
  const stderr = 'Error: execution error at (a/b.yaml:1:3): user root, password is hunter2!\n'
  const error = explained(stderr, { call: { secrets: ['hunter2!'] } })
  assert.match(error.message, 'user root')
  assert.not.match(error.message, 'hunter2')
  assert.not.match((error.cause as CommandError).stderr, 'hunter2')
})

test('does not show the rest of a secret that was cut off', () => {
  const secret = 'topsecret'.repeat(1_500)
  const error = explained(`Error: bad value ${secret} here`, { call: { secrets: [secret] } })
  assert.not.match(error.message, 'topsecret')
})

test('is never longer than a thousand characters', () => {
  const long = explained(`Error: execution error at (a/b.yaml:1:3): ${'x '.repeat(5_000)}`)
  assert.ok(long.message.length <= 1_000)
  assert.ok(
    explained(`Error: ${'no matches for kind "K" in version "v1" '.repeat(200)}`).message.length <=
      1_000,
  )
})

for (const [what, printed] of [
  ['a name of thousands of characters', `Deployment.apps "${'a'.repeat(7_000)}" is invalid: x`],
  ['thousands of empty lines', `no${'\n'.repeat(7_000)}x`],
] as const)
  test(`shows its expressions only a part of ${what}, which would keep them busy for seconds`, () => {
    const seen: string[] = []
    const pattern = Object.assign(/never/, {
      exec: (text: string) => {
        seen.push(text)
        return null
      },
    })
    const causes = [{ pattern, say: () => '' }]
    const { message } = explained(`WARNING: x\nError: ${printed}`, { call: { causes } })
    assert.is(seen.length, 1)
    assert.not.match(seen[0]!, /\S{513}|\s{17}/)
    assert.ok(message.length <= 1_000)
  })

test('hands on what is no failure of a command', () => {
  const bug = new TypeError('x')
  assert.throws(
    () => explainFailure(bug, call),
    (error: unknown) => error === bug,
  )
})

test('errorText() leaves log lines and prefixes out', () => {
  const stderr =
    'WARNING: Kubernetes configuration file is group-readable\nlevel=WARN msg=x\nError: UPGRADE FAILED: what\nhappened\n'
  assert.is(errorText(stderr), 'what\nhappened')
})

test.run()
