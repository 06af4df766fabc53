// Contract of kubectl: create, apply on either side, diff, replace, and what validation says.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { KubectlCase } from '../kubectlscope.ts'
import { deployment } from '../manifests.ts'
import { configMap } from '../scope.ts'

const withData = (data: Record<string, string>): object => configMap('a', { data })

export const applyingCases: KubectlCase[] = [
  {
    title: 'create makes an object, once',
    async run({ feed, failsFed, kubectl }) {
      assert.is(await feed(withData({ x: '1' }), 'create', '-f', '-'), 'configmap/a created\n')
      assert.match(
        await failsFed(withData({}), 'create', '-f', '-'),
        /\(AlreadyExists\): .*configmaps "a" already exists/,
      )
      assert.is(
        await kubectl(
          'create',
          'secret',
          'generic',
          's',
          '--from-literal=k=v',
          '-o',
          'jsonpath={.data.k}',
        ),
        'dg==',
      )
      assert.is(
        await kubectl('create', 'deployment', 'd', '--image=nginx', '--replicas=0'),
        'deployment.apps/d created\n',
      )
    },
  },
  {
    title: 'apply creates, finds unchanged, configures, and removes what it no longer says',
    async run({ feed, kubectl }) {
      assert.is(
        await feed(withData({ x: '1', y: '1' }), 'apply', '-f', '-'),
        'configmap/a created\n',
      )
      assert.is(
        await feed(withData({ x: '1', y: '1' }), 'apply', '-f', '-'),
        'configmap/a unchanged\n',
      )
      await kubectl('patch', 'cm', 'a', '--type=merge', '-p', '{"data":{"z":"9"}}')
      assert.is(await feed(withData({ x: '2' }), 'apply', '-f', '-'), 'configmap/a configured\n')
      assert.is(await kubectl('get', 'cm', 'a', '-o', 'jsonpath={.data}'), '{"x":"2","z":"9"}')
    },
  },
  {
    title: 'apply of a Deployment merges its containers by name',
    async run({ feed, kubectl }) {
      await feed(deployment('web', { replicas: 0 }), 'apply', '-f', '-')
      assert.is(
        await feed(deployment('web', { replicas: 0 }), 'apply', '-f', '-'),
        'deployment.apps/web unchanged\n',
      )
      await feed(deployment('web', { replicas: 0 }, { image: 'nginx:2' }), 'apply', '-f', '-')
      assert.is(
        await kubectl(
          'get',
          'deploy',
          'web',
          '-o',
          'jsonpath={.spec.template.spec.containers[*].image}',
        ),
        'nginx:2',
      )
    },
  },
  {
    title: 'apply --server-side owns fields, and says who is in the way',
    async run({ feed, failsFed, kubectl }) {
      const serverSide = ['apply', '--server-side', '-f', '-']
      assert.is(
        await feed(withData({ x: '1' }), ...serverSide, '--field-manager=one'),
        'configmap/a serverside-applied\n',
      )
      const said = await failsFed(withData({ x: '2' }), ...serverSide, '--field-manager=two')
      assert.match(said, /error: Apply failed with 1 conflict: conflict with "one": \.data\.x/)
      await feed(withData({ x: '2' }), ...serverSide, '--field-manager=two', '--force-conflicts')
      const managers = await kubectl(
        'get',
        'cm',
        'a',
        '--show-managed-fields',
        '-o',
        'jsonpath={.metadata.managedFields[*].manager}',
      )
      assert.is(managers, 'two')
    },
  },
  {
    title: 'apply --server-side takes over what was applied from the client',
    async run({ feed, kubectl }) {
      await feed(withData({ x: '1', y: '1' }), 'apply', '-f', '-')
      await feed(withData({ x: '2' }), 'apply', '--server-side', '-f', '-')
      assert.is(await kubectl('get', 'cm', 'a', '-o', 'jsonpath={.data}'), '{"x":"2"}')
    },
  },
  {
    title: 'apply --dry-run=server says what would be and does nothing',
    async run({ feed, fails }) {
      assert.is(
        await feed(withData({}), 'apply', '--dry-run=server', '-f', '-'),
        'configmap/a created (server dry run)\n',
      )
      assert.match(await fails('get', 'cm', 'a'), /NotFound/)
    },
  },
  {
    title: 'diff exits 1 and shows the lines that would change',
    async run({ feed, failsFed }) {
      await feed(withData({ x: '1' }), 'apply', '-f', '-')
      assert.is(await feed(withData({ x: '1' }), 'diff', '-f', '-'), '')
      assert.is(await failsFed(withData({ x: '2' }), 'diff', '-f', '-'), '')
    },
  },
  {
    title: 'apply refuses fields that the kind does not have',
    async run({ failsFed }) {
      const said = await failsFed(deployment('web', { replicsa: 1 }), 'apply', '-f', '-')
      assert.match(said, /strict decoding error: unknown field "spec\.replicsa"/)
    },
  },
  {
    title: 'apply hands on what the server says of a mistake',
    async run({ failsFed }) {
      const said = await failsFed(deployment('web', { replicas: -1 }), 'apply', '-f', '-')
      assert.match(
        said,
        /The Deployment "web" is invalid: spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
      )
    },
  },
  {
    title:
      'apply takes a directory of several objects in one command, and prunes nothing it was not asked to',
    async run({ kubectl, directory }) {
      const text = ['a', 'b'].map((name) => JSON.stringify(configMap(name))).join('\n---\n')
      await writeFile(join(directory, 'all.yaml'), text)
      assert.is(
        await kubectl('apply', '-f', directory),
        'configmap/a created\nconfigmap/b created\n',
      )
    },
  },
  {
    title: 'replace needs what is there; with --force it makes it anew',
    async run({ feed, failsFed, kubectl }) {
      assert.match(await failsFed(withData({}), 'replace', '-f', '-'), /NotFound/)
      await feed(withData({ x: '1' }), 'create', '-f', '-')
      const before = await kubectl('get', 'cm', 'a', '-o', 'jsonpath={.metadata.uid}')
      assert.is(await feed(withData({ y: '1' }), 'replace', '-f', '-'), 'configmap/a replaced\n')
      assert.is(await kubectl('get', 'cm', 'a', '-o', 'jsonpath={.data}'), '{"y":"1"}')
      await feed(withData({ y: '1' }), 'replace', '--force', '-f', '-')
      assert.is.not(await kubectl('get', 'cm', 'a', '-o', 'jsonpath={.metadata.uid}'), before)
    },
  },
  {
    title: 'a definition is established, its objects are listed by short name, and explained',
    async run({ feed, kubectl, failsFed, namespace }) {
      const group = `${namespace}.example.test`
      await feed(definition(group), 'apply', '-f', '-')
      try {
        await kubectl(
          'wait',
          '--for=condition=Established',
          `crd/gadgets.${group}`,
          '--timeout=20s',
        )
        const gadget = {
          apiVersion: `${group}/v1`,
          kind: 'Gadget',
          metadata: { name: 'a' },
          spec: { size: 3 },
        }
        assert.is(await feed(gadget, 'apply', '-f', '-'), `gadget.${group}/a created\n`)
        assert.match(await kubectl('get', 'gg'), /^NAME +SIZE +AGE\na +3 +\d+s\n$/)
        assert.match(await kubectl('explain', 'gadget.spec.size'), /FIELD: size <integer>/)
        const wrong = { ...gadget, metadata: { name: 'b' }, spec: { size: 'big' } }
        assert.match(
          await failsFed(wrong, 'apply', '-f', '-'),
          /spec\.size: Invalid value: "string": spec\.size in body must be of type integer/,
        )
      } finally {
        await kubectl('delete', 'crd', `gadgets.${group}`)
      }
    },
  },
]

function definition(group: string): object {
  const spec = {
    type: 'object',
    properties: { size: { type: 'integer', description: 'How big it is.' } },
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', shortNames: ['gg'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  }
}
