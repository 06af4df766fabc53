// How fast, and at what cost? The sandbox runs in a process of its own, and what it costs is not counted.
// `npm run bench -- 100 10`: 100 releases installed, left alone for 10 s, looked at by a new operator, and upgraded.
// `npm run bench -- failing 15`: 300 failing releases and 50 good ones for 15 minutes: see bench-failing.ts.
import process from 'node:process'
import { measureFailing } from './bench-failing.ts'
import { type Counts, cpuSeconds, pause, withGround } from './helpers/bench.ts'
import { configMap } from './helpers/chart.ts'
import { helmReleaseYaml } from './helpers/yaml.ts'

async function measure(what: string, counts: Counts, work: () => Promise<void>): Promise<void> {
  const before = { ...counts }
  const cpu = await cpuSeconds()
  const startedAt = performance.now()
  await work()
  const seconds = (performance.now() - startedAt) / 1_000
  const cells = [
    what.padEnd(34),
    `${seconds.toFixed(1)} s`.padStart(8),
    `${counts.helm - before.helm} helm`.padStart(9),
    `${counts.programs - before.programs} programs`.padStart(13),
    `${counts.requests - before.requests} requests`.padStart(14),
    `${((await cpuSeconds()) - cpu).toFixed(1)} s CPU`.padStart(11),
    `${Math.round(process.memoryUsage.rss() / 1e6)} MB`.padStart(8),
  ]
  process.stdout.write(`${cells.join('')}\n`)
}

async function measureGood(count: number, idleS: number, workers: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `r${index}`)
  await withGround(async ({ repository, counts, kubectl, startOperator }) => {
    await repository.add('web', '1.0.0', { 'templates/configmap.yaml': configMap })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const apply = async (round: string): Promise<void> => {
      const yaml = names.map((name) =>
        helmReleaseYaml(name, { chart, values: { data: { round } } }),
      )
      await kubectl(['apply', '-f', '-'], yaml.join(''))
      await kubectl(['wait', '--for=condition=ready', 'hr', '--all', '--timeout=600s'])
    }
    const flags = [`--workers=${workers}`]
    let operator = startOperator(flags)
    await measure(`install ${count}`, counts, () => apply('1'))
    await measure(`idle for ${idleS} s`, counts, () => pause(idleS))
    await operator.stop()
    operator = startOperator(flags)
    await measure('a new operator, 10 s', counts, () => pause(10))
    await measure(`upgrade ${count}`, counts, () => apply('2'))
    await operator.stop()
  })
}

const [what = '100', ...numbers] = process.argv.slice(2)
if (what === 'failing') await measureFailing(Number(numbers[0] ?? 15))
else await measureGood(Number(what), Number(numbers[0] ?? 10), Number(numbers[1] ?? 4))
process.exit(0)
