// Asks web servers how they are, again and again, from a process of its own: neither they nor the test hold it up.
import { spawn } from 'node:child_process'
import process from 'node:process'

export type Probes = { answers: number; worstMs: number; failures: number }
// slowness: how many times as long as on an idle machine a computation took, at the worst.
export type Probed = { asked: Probes; idle: Probes; slowness: number }

// Plain JavaScript, so that every runtime starts it in no time.
const script = `
import http from 'node:http'
import process from 'node:process'
const control = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1')
const ask = (url) => new Promise((resolve) => {
  const startedAt = process.hrtime.bigint()
  const end = (status) => resolve({ status, ms: Number(process.hrtime.bigint() - startedAt) / 1e6 })
  http.get(url, { agent: false }, (answer) => answer.resume().on('end', () => end(answer.statusCode))).on('error', () => end(0))
})
const results = [process.argv.at(-1), undefined].map(() => ({ answers: 0, worstMs: 0, failures: 0 }))
await new Promise((resolve) => control.on('listening', resolve))
const urls = [process.argv.at(-1), 'http://127.0.0.1:' + control.address().port]
let slowness = 1
const compute = () => {
  const [cpu, at] = [process.cpuUsage(), process.hrtime.bigint()]
  const spent = () => { const { user, system } = process.cpuUsage(cpu); return user + system }
  while (spent() < 20_000) {}
  slowness = Math.max(slowness, Number(process.hrtime.bigint() - at) / 20e6)
}
process.stdin.on('end', () => { process.stdout.write(JSON.stringify([...results, slowness]), () => process.exit(0)) }).resume()
for (;;) {
  for (const [index, url] of urls.entries()) {
    const { status, ms } = await ask(url)
    results[index].answers++
    results[index].failures += Number(status !== 200)
    results[index].worstMs = Math.max(results[index].worstMs, ms)
  }
  compute()
  await new Promise((resolve) => setTimeout(resolve, 50))
}
`

/** Begins to ask a URL, and a server that has nothing else to do for comparison; the answer ends it and says what it saw. */
export function startProber(url: string): () => Promise<Probed> {
  const runtime =
    'Deno' in globalThis
      ? ['eval', '--ext=mjs', script, url]
      : ['--input-type=module', '--eval', script, url]
  const child = spawn(process.execPath, runtime, { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const ended = new Promise((resolve) => child.once('close', resolve))
  return async () => {
    child.stdin.end()
    await ended
    const [asked, idle, slowness] = JSON.parse(text) as [Probes, Probes, number]
    return { asked, idle, slowness }
  }
}
