// Several writers, one reader, and never more than one message under way: a writer waits until its message is taken.

export type Mailbox<T> = {
  // Resolves when the message was taken, or the mailbox closed.
  put(message: T): Promise<void>
  take(): Promise<T>
  // Lets every writer go.
  close(): void
}

export function createMailbox<T>(): Mailbox<T> {
  const letters: { message: T; taken: () => void }[] = []
  let reader: ((message: T) => void) | undefined
  let isClosed = false
  return {
    put: (message) =>
      new Promise((resolve) => {
        const waiting = reader
        reader = undefined
        if (waiting) waiting(message)
        if (waiting || isClosed) resolve()
        else letters.push({ message, taken: resolve })
      }),
    take: () =>
      new Promise((resolve) => {
        const letter = letters.shift()
        if (!letter) return void (reader = resolve)
        letter.taken()
        resolve(letter.message)
      }),
    close: () => {
      isClosed = true
      for (const { taken } of letters.splice(0)) taken()
    },
  }
}
