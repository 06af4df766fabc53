import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  createAddressPolicy,
  literalAddress,
  parseNetwork,
} from '../../../lib/edge/net/address-policy.ts'

const test = suite('address policy')

const inPod = createAddressPolicy({ allowed: [], isInCluster: true })
const atHome = createAddressPolicy({ allowed: [], isInCluster: false })

for (const address of [
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
])
  test(`refuses ${address} everywhere`, () => {
    assert.ok(inPod.refusal(address))
    assert.ok(atHome.refusal(address))
  })

for (const address of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '0.0.0.0', '::'])
  test(`refuses ${address} in a cluster, and serves it at home`, () => {
    assert.match(inPod.refusal(address)!, "the operator's own pod")
    assert.is(atHome.refusal(address), undefined)
  })

for (const address of [
  '10.96.0.10',
  '192.168.1.5',
  '172.16.0.1',
  '93.184.216.34',
  '2606:2800::1',
  'fd12::1',
])
  test(`lets ${address} be fetched from`, () => {
    assert.is(inPod.refusal(address), undefined)
  })

test('refuses nothing that is allowed by name', () => {
  const policy = createAddressPolicy({
    allowed: ['127.0.0.0/8', '169.254.169.254', 'fe80::/10'],
    isInCluster: true,
  })
  for (const address of ['127.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', 'fe80::1'])
    assert.is(policy.refusal(address), undefined)
  assert.ok(policy.refusal('169.254.169.253'))
  assert.ok(policy.refusal('::1'))
})

for (const [text, expected] of [
  ['10.0.0.0/8', [['10.0.0.0', 8]]],
  ['10.1.2.3', [['10.1.2.3', 32]]],
  ['fd00::/8', [['fd00::', 8]]],
  ['10.0.0.0/33', undefined],
  ['10.0.0.0/8/1', undefined],
  ['example.com', undefined],
  ['', undefined],
] as const)
  test(`parseNetwork() ${expected ? 'reads' : 'refuses'} "${text}"`, () => {
    assert.equal(parseNetwork(text), expected)
  })

for (const url of ['http://0x7f.1/', 'http://2130706433/', 'http://0177.0.0.1/', 'http://127.1/'])
  test(`${url} is loopback in another spelling`, () => {
    assert.is(literalAddress(new URL(url).hostname), '127.0.0.1')
  })

test('a name is no literal address', () => {
  assert.is(literalAddress('charts.example.com'), undefined)
  assert.is(literalAddress('[::1]'), '::1')
})

test.run()
