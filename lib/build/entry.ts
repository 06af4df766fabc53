#!/usr/bin/env node
// What the one file starts with. Its main thread is the operator; its other thread, which the operator starts from the same file,
// is the parser. Each loads only what it needs.
import process from 'node:process'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  const { main } = await import('../app/main.ts')
  process.exitCode = await main(process.argv.slice(2))
} else await import('../edge/parser/worker.ts')
