// A watch on a sandbox without a network: its events one by one.
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import type { Obj } from '../../lib/sandbox/types.ts'

export type WatchEvent = {
  type: string
  object: Obj & { code?: number; reason?: string; message?: string }
}

export type Watching = {
  // The next event; undefined when the server has ended the watch.
  next(): Promise<WatchEvent | undefined>
  // The next so many, as "TYPE name".
  take(count: number): Promise<string[]>
  close(): Promise<void>
}

export async function openWatch(
  { handle }: Pick<Sandbox, 'handle'>,
  path: string,
  accept = 'application/json',
): Promise<Watching> {
  const separator = path.includes('?') ? '&' : '?'
  const url = `http://sandbox${path}${separator}watch=true`
  const response = await handle(new Request(url, { headers: { accept } }))
  if (response.status !== 200) throw new Error(await response.text())
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<WatchEvent | undefined> => {
    while (!text.includes('\n')) {
      const { done, value } = await reader.read()
      if (done) return undefined
      text += value
    }
    const end = text.indexOf('\n')
    const line = text.slice(0, end)
    text = text.slice(end + 1)
    return JSON.parse(line) as WatchEvent
  }
  return {
    next,
    async take(count) {
      const seen: string[] = []
      while (seen.length < count) {
        const event = await next()
        if (event === undefined) break
        seen.push(`${event.type} ${event.object.metadata.name}`)
      }
      return seen
    },
    close: () => reader.cancel(),
  }
}
