// Where a program is, by the rules of PATH.
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** The absolute path of the first executable of this name; undefined when PATH holds none. */
export function findOnPath(name: string, path: string | undefined): string | undefined {
  return (
    (path ?? '')
      .split(delimiter)
      // A relative entry would mean something else in every working directory.
      .filter((directory) => isAbsolute(directory))
      .map((directory) => join(directory, name))
      .find(isExecutable)
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
