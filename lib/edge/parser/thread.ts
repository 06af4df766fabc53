// Starts the thread that reads what others wrote, on every runtime: Node that runs TypeScript by itself, Node 20 with tsx, Deno.
import process from 'node:process'
import { Worker, type ResourceLimits } from 'node:worker_threads'

/** A thread that runs this file, which may be TypeScript. It keeps no process alive. */
export function startThread(entry: URL, resourceLimits: ResourceLimits): Worker {
  // Nothing in it needs to know what the operator was told by its environment.
  const options = { resourceLimits, env: {}, execArgv: [], name: 'parser' }
  const worker = canRead(entry)
    ? new Worker(entry, options)
    : new Worker(withTsx(entry), { ...options, eval: true })
  worker.unref()
  return worker
}

function canRead(entry: URL): boolean {
  const { typescript } = process.features as { typescript?: unknown }
  return !entry.pathname.endsWith('.ts') || 'Deno' in globalThis || Boolean(typescript)
}

// What `node --import tsx` registers counts for the main thread only.
function withTsx(entry: URL): string {
  const [tsx, module] = [import.meta.resolve('tsx/esm/api'), entry.href].map((url) =>
    JSON.stringify(url),
  )
  return `import(${tsx}).then(({ register }) => (register(), import(${module})))`
}
