// Asking a running operator over HTTP, at the port that its log names.
import { parseSamples } from './metrics.ts'
import { until } from './until.ts'

export type Door = {
  get(path: string): Promise<{ status: number; body: string }>
  post(path: string): Promise<{ status: number; body: string }>
  samples(): Promise<Map<string, number>>
  // Waits until a sample has a value, and answers with all of them.
  sample(name: string, value: number): Promise<Map<string, number>>
  // Waits until it is no longer zero.
  some(name: string): Promise<Map<string, number>>
}

/** The door of the operator that was started last, as soon as it is open. */
export async function openDoor(log: () => string, after = ''): Promise<Door> {
  const port = await until('the operator listens', () => {
    const text = log().slice(after.length)
    return /info="?listening"?,? port=(\d+)|"info":"listening","port":(\d+)/
      .exec(text)
      ?.slice(1)
      .find((found) => found !== undefined)
  })
  const ask = async (method: string, path: string): Promise<{ status: number; body: string }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
    return { status: response.status, body: await response.text() }
  }
  const samples = async (): Promise<Map<string, number>> =>
    parseSamples((await ask('GET', '/metrics')).body)
  const wait = (what: string, name: string, is: (value: number | undefined) => boolean) =>
    until(`${name} is ${what}`, async () => {
      const all = await samples()
      return is(all.get(name)) && all
    })
  return {
    get: (path) => ask('GET', path),
    post: (path) => ask('POST', path),
    samples,
    sample: (name, value) => wait(String(value), name, (now) => now === value),
    some: (name) => wait('more than zero', name, (now = 0) => now > 0),
  }
}
