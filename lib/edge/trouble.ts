// A connection's bad times in the log: one line when they begin and one when they are over, however many tries lie between.
import type { Log, LogFields } from '../model/ports.ts'

export type Trouble = {
  // True between the two lines.
  readonly isOn: boolean
  begin(error: unknown): void
  end(): void
}

/** Logs "<subject> interrupted" and "<subject> resumed" with these fields. */
export function createTrouble(log: Log, subject: string, fields: LogFields): Trouble {
  let isOn = false
  return {
    get isOn() {
      return isOn
    },
    begin: (error) => {
      if (!isOn) log.warn(`${subject} interrupted`, { ...fields, err: error })
      isOn = true
    },
    end: () => {
      if (isOn) log.info(`${subject} resumed`, fields)
      isOn = false
    },
  }
}
