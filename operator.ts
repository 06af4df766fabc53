#!/usr/bin/env -S node --import tsx
// Helm Operator: runs Helm releases declaratively on Kubernetes. See README.md; everything is in lib/.
import process from 'node:process'
import { main } from './lib/app/main.ts'

process.exitCode = await main(process.argv.slice(2))
