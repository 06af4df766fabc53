// Contract: what a server knows about its own kinds: defaults, strictness, subresources, fields that may not change.
import * as assert from 'uvu/assert'
import { deployment } from '../manifests.ts'
import { at, configMap, textAt, type Case } from '../scope.ts'

const idle = { replicas: 0 }

export const kindCases: Case[] = [
  {
    title: 'a Deployment comes back with the defaults of the server',
    async run({ path, post }) {
      const made = await post(path('deployments', undefined, 'apps/v1'), deployment('web', idle))
      const { template, ...spec } = at(made, 'spec') as Record<string, unknown>
      assert.equal(spec, {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
        },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      })
      const { containers, ...pod } = at(template, 'spec') as Record<string, unknown>
      assert.equal(pod, {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        securityContext: {},
        schedulerName: 'default-scheduler',
      })
      assert.equal(containers, [
        {
          name: 'main',
          image: 'nginx:1',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ])
      assert.is(at(made, 'metadata/generation'), 1)
    },
  },
  {
    title: 'a Service has its cluster IP when POST answers',
    async run({ path, post }) {
      const spec = {
        selector: { app: 'web' },
        ports: [{ port: 80, name: 'http', targetPort: 'http' }],
      }
      const made = await post(path('services'), {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec,
      })
      const { clusterIP, clusterIPs, ...rest } = at(made, 'spec') as Record<string, unknown>
      assert.match(String(clusterIP), /^\d+\.\d+\.\d+\.\d+$/)
      assert.equal(clusterIPs, [clusterIP])
      assert.equal(rest, {
        selector: { app: 'web' },
        ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'http' }],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
      })
      assert.equal(at(made, 'status'), { loadBalancer: {} })
    },
  },
  {
    title: 'a Job selects its pods by its own uid when POST answers',
    async run({ path, post }) {
      const template = {
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] },
      }
      const made = await post(path('jobs', undefined, 'batch/v1'), {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'work' },
        spec: { template, suspend: true },
      })
      const uid = at(made, 'metadata/uid')
      const key = 'batch.kubernetes.io/controller-uid'
      assert.equal(at(made, 'spec/selector'), { matchLabels: { [key]: uid } })
      assert.equal(at(made, 'spec/template/metadata/labels'), {
        [key]: uid,
        'batch.kubernetes.io/job-name': 'work',
        'controller-uid': uid,
        'job-name': 'work',
      })
      assert.is(at(made, 'spec/backoffLimit'), 6)
      assert.is(at(made, 'spec/completionMode'), 'NonIndexed')
    },
  },
  {
    title: 'a Secret keeps stringData as data and is Opaque unless it says otherwise',
    async run({ path, post }) {
      const made = await post(path('secrets'), {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        data: { a: 'b25l' },
        stringData: { b: 'two' },
      })
      assert.equal(at(made, 'data'), { a: 'b25l', b: 'dHdv' })
      assert.is(at(made, 'stringData'), undefined)
      assert.is(at(made, 'type'), 'Opaque')
    },
  },
  {
    title: 'null counts as absent in the kinds of the server',
    async run({ path, post }) {
      const body = deployment(
        'web',
        { ...idle, minReadySeconds: null },
        { resources: null, env: null },
      )
      const metadata = {
        name: 'web',
        creationTimestamp: null,
        annotations: null,
        labels: { a: 'b' },
      }
      const made = await post(path('deployments', undefined, 'apps/v1'), {
        ...body,
        metadata,
        status: null,
      })
      assert.is(at(made, 'metadata/annotations'), undefined)
      assert.is(at(made, 'spec/template/spec/containers/0/env'), undefined)
      assert.match(textAt(made, 'metadata/creationTimestamp'), /^\d{4}-/)
    },
  },
  {
    title: 'a field that must be there is Required',
    async run({ path, refused }) {
      const { selector: _, ...spec } = at(deployment('web', idle), 'spec') as Record<
        string,
        unknown
      >
      const body = { ...deployment('web'), spec }
      const status = await refused(422, 'POST', path('deployments', undefined, 'apps/v1'), { body })
      assert.is(at(status, 'reason'), 'Invalid')
      const causes = at(status, 'details/causes') as unknown[]
      assert.ok(
        causes.some(
          (one) =>
            at(one, 'field') === 'spec.selector' && at(one, 'reason') === 'FieldValueRequired',
        ),
      )
    },
  },
  {
    title: 'the selector of a Deployment is immutable',
    async run({ path, post, refused }) {
      await post(path('deployments', undefined, 'apps/v1'), deployment('web', idle))
      const labels = { app: 'other' }
      const template = { metadata: { labels } }
      const status = await refused(422, 'PATCH', path('deployments', 'web', 'apps/v1'), {
        body: { spec: { selector: { matchLabels: labels }, template } },
        contentType: 'application/merge-patch+json',
      })
      assert.match(
        textAt(status, 'message'),
        /spec\.selector: Invalid value: .*: field is immutable$/,
      )
    },
  },
  {
    title: 'an immutable ConfigMap keeps its data',
    async run({ path, post, refused }) {
      await post(path('configmaps'), configMap('a', { data: { x: '1' }, immutable: true }))
      const body = { data: { x: '2' } }
      const contentType = 'application/merge-patch+json'
      await refused(422, 'PATCH', path('configmaps', 'a'), { body, contentType })
    },
  },
  {
    title: 'a value of the wrong type is a BadRequest',
    async run({ path, refused }) {
      const body = deployment('web', { replicas: 'two' })
      const status = await refused(400, 'POST', path('deployments', undefined, 'apps/v1'), { body })
      assert.is(at(status, 'reason'), 'BadRequest')
      assert.match(
        textAt(status, 'message'),
        /^Deployment in version "v1" cannot be handled as a Deployment: /,
      )
    },
  },
  {
    title: 'unknown fields are refused, warned of or dropped, as fieldValidation says',
    async run({ client, path, post, refused }) {
      const deployments = path('deployments', undefined, 'apps/v1')
      const body = deployment('web', { ...idle, replicsa: 2 })
      const status = await refused(400, 'POST', `${deployments}?fieldValidation=Strict`, { body })
      assert.match(
        textAt(status, 'message'),
        /strict decoding error: unknown field "spec\.replicsa"$/,
      )
      const warned = await client.request('POST', `${deployments}?fieldValidation=Warn`, { body })
      assert.match(
        warned.headers['warning'] ?? '',
        /unknown field \\"spec\.replicsa\\"|unknown field "spec\.replicsa"/,
      )
      assert.is(at(warned.body, 'spec/replicsa'), undefined)
      const quiet = { ...body, metadata: { name: 'quiet' } }
      const made = await post(`${deployments}?fieldValidation=Ignore`, quiet)
      assert.is(at(made, 'spec/replicsa'), undefined)
    },
  },
  {
    title: 'the generation counts changes of the spec only',
    async run({ path, post, patch }) {
      const one = path('deployments', 'web', 'apps/v1')
      await post(path('deployments', undefined, 'apps/v1'), deployment('web', idle))
      const labelled = await patch(one, 'merge', { metadata: { labels: { a: 'b' } } })
      assert.is(at(labelled, 'metadata/generation'), 1)
      const changed = await patch(one, 'merge', { spec: { minReadySeconds: 1 } })
      assert.is(at(changed, 'metadata/generation'), 2)
    },
  },
  {
    title: 'status is written through its subresource and nowhere else',
    async run({ path, get, post, patch }) {
      const one = path('poddisruptionbudgets', 'pdb', 'policy/v1')
      await post(path('poddisruptionbudgets', undefined, 'policy/v1'), {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'pdb' },
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'nobody' } } },
        status: { expectedPods: 41 },
      })
      assert.is.not(at(await get(one), 'status/expectedPods'), 41)
      await patch(one, 'merge', { status: { disruptedPods: { p: '2026-01-01T00:00:00Z' } } })
      assert.is(at(await get(one), 'status/disruptedPods'), undefined)
      const both = {
        spec: { maxUnavailable: 7 },
        status: { disruptedPods: { p: '2099-01-01T00:00:00Z' } },
      }
      const written = await patch(`${one}/status`, 'merge', both)
      assert.equal(at(written, 'status/disruptedPods'), { p: '2099-01-01T00:00:00Z' })
      assert.is(at(written, 'spec/maxUnavailable'), 1)
    },
  },
  {
    title: 'scale is read and written through its subresource',
    async run({ path, get, post, patch }) {
      const one = path('deployments', 'web', 'apps/v1')
      await post(path('deployments', undefined, 'apps/v1'), deployment('web', idle))
      const scale = await get(`${one}/scale`)
      assert.is(at(scale, 'kind'), 'Scale')
      assert.is(at(scale, 'apiVersion'), 'autoscaling/v1')
      assert.is(at(scale, 'spec/replicas') ?? 0, 0)
      await patch(`${one}/scale`, 'merge', { spec: { replicas: 2 } })
      assert.is(at(await get(one), 'spec/replicas'), 2)
    },
  },
]
