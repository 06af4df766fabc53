// What do failing releases cost, and do the good ones notice? 300 first installs that fail in a hook, so that each attempt is an
// install and a purge, beside 50 releases that are well; four places for helm; an edit of a good one every few seconds.
import process from 'node:process'
import { cpuSeconds, type Ground, pause, withGround } from './helpers/bench.ts'
import { configMap, hookPod } from './helpers/chart.ts'
import { helmReleaseYaml } from './helpers/yaml.ts'

const failing = 300
const good = 50
const places = 4
const editEveryS = 10
const longestEditS = 120

const files = {
  'templates/configmap.yaml': configMap,
  'templates/hook.yaml': `{{- if .Values.exit }}\n${hookPod('pre-install')}{{- end }}\n`,
}

type Trial = Ground & {
  // What the log tells: when an upgrade of a release succeeded last, and how many installs have failed.
  upgradedAt: Map<string, number>
  failures: { count: number }
}

/** Runs the trial for so many minutes, and prints a line for each. */
export async function measureFailing(minutes: number): Promise<void> {
  await withGround(async (ground) => {
    await ground.repository.add('web', '1.0.0', files)
    const trial: Trial = { ...ground, upgradedAt: new Map(), failures: { count: 0 } }
    const operator = ground.startOperator([`--workers=${places}`], (line) => note(trial, line))
    await createAll(trial)
    const edits: number[] = []
    const startedAt = performance.now()
    const end = startedAt + minutes * 60_000
    const editing = editAgainAndAgain(trial, edits, end)
    for (let minute = 1; performance.now() < end; minute += 1)
      await reportMinute(trial, edits, minute)
    await editing
    print(`edits: ${describe(edits)}`)
    await operator.stop()
  })
}

function note({ upgradedAt, failures }: Trial, line: string): void {
  const [, name] = /resource=default:helmrelease\/(\S+)/.exec(line) ?? []
  if (name === undefined) return
  if (line.includes('upgrade succeeded')) upgradedAt.set(name, performance.now())
  if (line.includes('install failed')) failures.count += 1
}

async function createAll({ repository, kubectl }: Trial): Promise<void> {
  const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
  const yaml = [
    ...Array.from({ length: good }, (_, index) => helmReleaseYaml(`good-${index}`, { chart })),
    ...Array.from({ length: failing }, (_, index) =>
      helmReleaseYaml(`failing-${index}`, { chart, values: { exit: 1 } }),
    ),
  ]
  await kubectl(['apply', '-f', '-'], yaml.join(''))
  const names = Array.from({ length: good }, (_, index) => `hr/good-${index}`)
  await kubectl(['wait', '--for=condition=ready', ...names, '--timeout=600s'])
}

// How long each edit takes, from the moment it is accepted to the moment the upgrade has succeeded, in milliseconds.
async function editAgainAndAgain(trial: Trial, edits: number[], end: number): Promise<void> {
  for (let edit = 0; performance.now() < end; edit += 1) {
    const name = `good-${edit % good}`
    trial.upgradedAt.delete(name)
    const patch = JSON.stringify({ spec: { values: { data: { edit: String(edit) } } } })
    await trial.kubectl(['patch', `hr/${name}`, '--type=merge', '--patch', patch])
    const editedAt = performance.now()
    const isOver = (): boolean => performance.now() > editedAt + longestEditS * 1_000
    while (!trial.upgradedAt.has(name) && !isOver()) await pause(0.02)
    edits.push(Math.max(0, (trial.upgradedAt.get(name) ?? Infinity) - editedAt))
    await pause(editEveryS)
  }
}

async function reportMinute(trial: Trial, edits: number[], minute: number): Promise<void> {
  const { counts, failures } = trial
  const before = { helm: counts.helm, failures: failures.count, edits: edits.length }
  const cpu = await cpuSeconds()
  const startedAt = performance.now()
  await pause(60)
  const seconds = (performance.now() - startedAt) / 1_000
  const cores = ((await cpuSeconds()) - cpu) / seconds
  print(
    [
      `minute ${minute}`.padEnd(11),
      `${failures.count - before.failures} failed attempts`.padStart(20),
      `${counts.helm - before.helm} helm`.padStart(10),
      `${cores.toFixed(3)} cores`.padStart(13),
      `edits ${describe(edits.slice(before.edits))}`.padStart(40),
    ].join(''),
  )
}

function describe(edits: readonly number[]): string {
  if (edits.length === 0) return 'none'
  const sorted = edits.toSorted((a, b) => a - b)
  const at = (part: number): string =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]! / 1_000).toFixed(2)} s`
  return `${edits.length}, median ${at(0.5)}, 95 % ${at(0.95)}, longest ${at(1)}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
