// What was of Helm 2 with fluxcd/helm-operator: it is refused in a sentence and left alone, and everybody else is served.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withRepository } from '../helpers/repository.ts'
import { withOperator } from '../helpers/operator.ts'
import { until } from '../helpers/until.ts'

const test = suite('HelmReleases of Helm 2')

const files = {
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}" }\n',
}

function helmReleaseYaml(name: string, spec: object, annotations = {}): string {
  const metadata = { name, namespace: 'default', annotations }
  return JSON.stringify({ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', metadata, spec })
}

test('are refused, installed by no other Helm, and let go, while those of Helm 3 are served', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', files)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator(['--enabled-helm-versions=v2,v3'], async (operator) => {
      const { api, apply, condition, helm, kubectl, read } = operator
      const maps = (): string[] => api.list('configmaps', 'default').map((one) => one.metadata.name)
      await apply(helmReleaseYaml('named', { chart, helmVersion: 'v2' }))
      await apply(helmReleaseYaml('unnamed', { chart }))
      assert.match(await condition('named', 'Released', 'False'), 'Cannot use Helm "v2": this')
      assert.match(
        await condition('unnamed', 'Released', 'False'),
        'Cannot use Helm "v2", the first of --enabled-helm-versions',
      )
      assert.equal(maps(), ['kube-root-ca.crt'])
      for (const name of ['named', 'unnamed']) {
        await kubectl('delete', 'helmreleases.helm.fluxcd.io', name, '--timeout=20s')
        assert.is(read(name), undefined)
      }
      await apply(helmReleaseYaml('third', { chart, helmVersion: 'v3' }))
      await condition('third', 'Released', 'True')
      assert.ok(maps().includes('default-third'))
      await apply(helmReleaseYaml('third', { chart, helmVersion: 'v2' }))
      await condition('third', 'Released', 'False')
      await kubectl('delete', 'helmreleases.helm.fluxcd.io', 'third', '--timeout=20s')
      assert.ok(maps().includes('default-third'), 'what Helm 3 had installed stays')
      assert.match(await helm('list', '-q'), 'default-third')
    })
  }))

const fromTiller = {
  ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { by: 'Tiller' } },
  metadata: { name: 'default-old', namespace: 'default', labels: { heritage: 'Tiller' } },
}

test('that ask to be migrated stop nobody, though there is no Tiller, and lose no object where v3 is the default', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', files)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator(['--convert-tiller-out-cluster'], async ({ api, apply, condition, log }) => {
      const ask = (value: string) => ({ 'helm.fluxcd.io/migrate': value })
      await apply(helmReleaseYaml('a', { chart, helmVersion: 'v3' }, ask('true')))
      await apply(helmReleaseYaml('b', { chart, helmVersion: 'v3' }, ask('dry-run')))
      await condition('a', 'Released', 'True')
      await condition('b', 'Released', 'True')
      await apply(JSON.stringify(fromTiller))
      await apply(helmReleaseYaml('old', { chart }))
      assert.match(
        await condition('old', 'Released', 'False'),
        'ConfigMap/default/default-old exists and is not managed by Helm',
      )
      assert.equal(api.get('configmaps', 'default', 'default-old')?.['data'], fromTiller.data)
      await until('it has said so', () => log().includes('flag=--convert-tiller-out-cluster'))
    })
  }))

test.run()
