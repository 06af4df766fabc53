// Contract of kubectl: get in all its forms, describe, api-resources, explain.
import * as assert from 'uvu/assert'
import { cells, rows, type KubectlCase } from '../kubectlscope.ts'
import { deployment } from '../manifests.ts'
import { configMap } from '../scope.ts'

const idle = deployment('web', { replicas: 0 })

export const lookingCases: KubectlCase[] = [
  {
    title: 'version and cluster-info speak of the server',
    async run({ kubectl }) {
      assert.match(await kubectl('version'), /Server Version: v1\.\d+/)
      assert.match(await kubectl('cluster-info'), /is running at/)
    },
  },
  {
    title: 'api-resources and api-versions list what is served',
    async run({ kubectl }) {
      const resources = rows(await kubectl('api-resources', '--no-headers'))
      const find = (name: string): string[] | undefined =>
        resources.find(([first]) => first === name)
      assert.equal(find('deployments'), ['deployments', 'deploy', 'apps/v1', 'true', 'Deployment'])
      assert.equal(find('nodes'), ['nodes', 'no', 'v1', 'false', 'Node'])
      assert.ok((await kubectl('api-versions')).split('\n').includes('batch/v1'))
      const names = await kubectl('api-resources', '--api-group=apps', '-o', 'name')
      assert.equal(names.trim().split('\n').sort(), [
        'controllerrevisions.apps',
        'daemonsets.apps',
        'deployments.apps',
        'replicasets.apps',
        'statefulsets.apps',
      ])
    },
  },
  {
    title: 'explain describes a field',
    async run({ kubectl }) {
      const text = await kubectl('explain', 'deployment.spec.replicas')
      assert.match(text, /KIND:\s+Deployment/)
      assert.match(text, /FIELD: replicas <integer>/)
    },
  },
  {
    title: 'get prints a table, wide, with labels, without headers, or that there is nothing',
    async run({ kubectl, feed, namespace }) {
      await feed(
        configMap('a', { metadata: { name: 'a', labels: { x: 'y' } }, data: { k: 'v' } }),
        'create',
        '-f',
        '-',
      )
      const [header, row] = rows(await kubectl('get', 'cm', 'a'))
      assert.equal(header, ['NAME', 'DATA', 'AGE'])
      assert.equal(row?.slice(0, 2), ['a', '1'])
      assert.match(row?.[2] ?? '', /^\d+s$/)
      assert.equal(rows(await kubectl('get', 'cm', '-l', 'x=y', '--show-labels'))[1]?.at(-1), 'x=y')
      assert.equal(rows(await kubectl('get', 'cm', 'a', '-L', 'x', '--no-headers'))[0]?.at(-1), 'y')
      assert.match(
        await kubectl('get', 'cm', '--all-namespaces', '-l', 'x=y'),
        new RegExp(`^NAMESPACE +NAME.*\\n${namespace} +a `),
      )
      assert.is(await kubectl('get', 'deployments'), '')
    },
  },
  {
    title: 'get prints JSON, YAML, names, JSONPath, templates and columns, sorted and selected',
    async run({ kubectl, feed }) {
      const make = (name: string, n: string): Promise<string> =>
        feed(
          configMap(name, { metadata: { name, labels: { mine: 'yes' } }, data: { rank: n } }),
          'create',
          '-f',
          '-',
        )
      await make('b', '1')
      await make('a', '2')
      const list = JSON.parse(await kubectl('get', 'cm', '-l', 'mine', '-o', 'json')) as {
        kind: string
        items: { kind: string }[]
      }
      assert.is(list.kind, 'List')
      assert.is(list.items[0]?.kind, 'ConfigMap')
      assert.match(
        await kubectl('get', 'cm', 'a', '-o', 'yaml'),
        /^apiVersion: v1\ndata:\n {2}rank: "2"\nkind: ConfigMap/,
      )
      assert.is(
        await kubectl('get', 'cm', '-l', 'mine', '-o', 'name'),
        'configmap/a\nconfigmap/b\n',
      )
      const sorted = await kubectl(
        'get',
        'cm',
        '-l',
        'mine',
        '--sort-by=.data.rank',
        '-o',
        'jsonpath={.items[*].metadata.name}',
      )
      assert.is(sorted, 'b a')
      const columns = await kubectl(
        'get',
        'cm',
        '-l',
        'mine',
        '-o',
        'custom-columns=N:.data.rank',
        '--no-headers',
      )
      assert.equal(columns.trim().split('\n'), ['2', '1'])
      assert.is(
        await kubectl('get', 'cm', '--field-selector=metadata.name=b', '-o', 'name'),
        'configmap/b\n',
      )
      assert.is(
        await kubectl('get', 'cm', '-l', 'mine', '--chunk-size=1', '-o', 'name'),
        'configmap/a\nconfigmap/b\n',
      )
    },
  },
  {
    title: 'get of what is not there, or of no kind, fails and says so',
    async run({ fails }) {
      assert.is(
        await fails('get', 'deployment', 'nope'),
        'Error from server (NotFound): deployments.apps "nope" not found\n',
      )
      assert.is(
        await fails('get', 'nothings'),
        'error: the server doesn\'t have a resource type "nothings"\n',
      )
    },
  },
  {
    title: 'get -w prints rows as they change',
    async run({ kubectl, feed, lines }) {
      await feed(
        configMap('a', { metadata: { name: 'a', labels: { mine: 'yes' } } }),
        'create',
        '-f',
        '-',
      )
      const watch = lines('get', 'cm', '-l', 'mine', '-w')
      const next = async (): Promise<string[]> => cells((await watch.next()).value ?? '')
      assert.equal(await next(), ['NAME', 'DATA', 'AGE'])
      assert.equal((await next()).slice(0, 2), ['a', '0'])
      await kubectl('patch', 'cm', 'a', '--type=merge', '-p', '{"data":{"x":"1","y":"2"}}')
      assert.equal((await next()).slice(0, 2), ['a', '2'])
      await watch.return()
    },
  },
  {
    title: 'get --watch --output-watch-events prints one event a line',
    async run({ kubectl, feed, lines }) {
      await feed(
        configMap('a', { metadata: { name: 'a', labels: { mine: 'yes' } } }),
        'create',
        '-f',
        '-',
      )
      const watch = lines(
        'get',
        'cm',
        '-l',
        'mine',
        '--watch',
        '--output-watch-events',
        '-o',
        'json',
      )
      const next = async (): Promise<unknown> => {
        const { type, object } = JSON.parse((await watch.next()).value ?? '{}') as {
          type: string
          object: { metadata: { name: string } }
        }
        return `${type} ${object.metadata.name}`
      }
      assert.is(await next(), 'ADDED a')
      await kubectl('label', 'cm', 'a', 'more=1')
      assert.is(await next(), 'MODIFIED a')
      await kubectl('delete', 'cm', 'a')
      assert.is(await next(), 'DELETED a')
      await watch.return()
    },
  },
  {
    title: 'describe tells of the object, its parts and its events',
    async run({ kubectl, feed }) {
      await feed(idle, 'create', '-f', '-')
      await kubectl('scale', 'deploy/web', '--replicas=1')
      await kubectl('wait', '--for=condition=Available', 'deploy/web', '--timeout=30s')
      const text = await kubectl('describe', 'deployment', 'web')
      assert.match(
        text,
        /Replicas:\s+1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable/,
      )
      assert.match(text, /StrategyType:\s+RollingUpdate/)
      assert.match(text, /Image:\s+nginx:1/)
      assert.match(text, /NewReplicaSet:\s+web-\w+ \(1\/1 replicas created\)/)
      assert.match(
        text,
        /Normal\s+ScalingReplicaSet\s+\S+\s+deployment-controller\s+Scaled up replica set/,
      )
      const pods = await kubectl('describe', 'pods', '-l', 'app=web')
      assert.match(pods, /Controlled By:\s+ReplicaSet\/web-/)
      assert.match(pods, /Normal\s+Scheduled\s+\S+\s+default-scheduler\s+Successfully assigned/)
      assert.match(await kubectl('events', '--for', 'deployment/web'), /ScalingReplicaSet/)
    },
  },
  {
    title: 'get all, pods and nodes have the usual columns',
    async run({ kubectl, feed }) {
      await feed(deployment('web'), 'create', '-f', '-')
      await feed(
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'web' },
          spec: { ports: [{ port: 80 }] },
        },
        'create',
        '-f',
        '-',
      )
      await kubectl('wait', '--for=condition=Available', 'deploy/web', '--timeout=30s')
      const all = await kubectl('get', 'all')
      for (const part of ['pod/web-', 'service/web', 'deployment.apps/web', 'replicaset.apps/web-'])
        assert.ok(all.includes(part), part)
      const [header, pod] = rows(await kubectl('get', 'pods', '-o', 'wide'))
      assert.equal(header, [
        'NAME',
        'READY',
        'STATUS',
        'RESTARTS',
        'AGE',
        'IP',
        'NODE',
        'NOMINATED NODE',
        'READINESS GATES',
      ])
      assert.equal(pod?.slice(1, 4), ['1/1', 'Running', '0'])
      const [, web] = rows(await kubectl('get', 'deploy', '-o', 'wide'))
      assert.equal(web?.slice(0, 4), ['web', '1/1', '1', '1'])
      assert.equal(web?.slice(5), ['main', 'nginx:1', 'app=web'])
      const [, node] = rows(await kubectl('get', 'nodes'))
      assert.is(node?.[1], 'Ready')
    },
  },
  {
    title: 'auth can-i says yes to whoever may do all',
    async run({ kubectl }) {
      assert.is(await kubectl('auth', 'can-i', 'create', 'deployments'), 'yes\n')
    },
  },
]
