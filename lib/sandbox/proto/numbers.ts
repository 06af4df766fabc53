// Which field has which number in a protobuf message of Kubernetes? Messages are written as
//   Container = name image - args 20:tty +Probe
// Fields count from 1; "-" leaves a number out, "20:" jumps to one, "+" marks a message whose fields JSON shows in their
// parent. Types and names are those of the OpenAPI schemas (see ../kinds); numbers are from the published .proto files.
import { coreNumbers } from './core.ts'
import { groupNumbers } from './groups.ts'

/** Field names by number, for a message named such as "io.k8s.api.core.v1.Container". */
export type FieldNumbers = ReadonlyMap<string, ReadonlyMap<number, string>>

export function readNumbers(): FieldNumbers {
  const messages = new Map<string, Map<number, string>>()
  let pack = ''
  for (const line of (coreNumbers + groupNumbers).replaceAll(/\n +/g, ' ').split('\n')) {
    const [head = '', body] = line.split(' = ')
    if (head.startsWith('package ')) pack = head.slice('package '.length)
    else if (body !== undefined) messages.set(`${pack}.${head}`, numbered(body))
  }
  return messages
}

function numbered(body: string): Map<number, string> {
  const fields = new Map<number, string>()
  let number = 0
  for (const word of body.split(' ')) {
    const [left = '', right] = word.split(':')
    number = right === undefined ? number + 1 : Number(left)
    if (word !== '-') fields.set(number, right ?? left)
  }
  return fields
}
