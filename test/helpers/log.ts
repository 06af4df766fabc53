// A log whose lines a test can look at.
import type { Log, LogFields } from '../../lib/model/ports.ts'

/** Each message as "warn watch interrupted", and with its fields in records. */
export function recordLog(): {
  log: Log
  messages: string[]
  records: { message: string; fields: LogFields }[]
} {
  const messages: string[] = []
  const records: { message: string; fields: LogFields }[] = []
  const create = (own: LogFields): Log => {
    const record =
      (level: string) =>
      (text: string, fields: LogFields = {}): void => {
        const message = `${level} ${text}`
        messages.push(message)
        records.push({ message, fields: { ...own, ...fields } })
      }
    return {
      info: record('info'),
      warn: record('warn'),
      error: record('error'),
      with: (fields) => create({ ...own, ...fields }),
    }
  }
  return { log: create({}), messages, records }
}
