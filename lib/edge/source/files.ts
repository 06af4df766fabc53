// What helm and git are told by file, because nobody else must read it: each file is there only while they run.
import type { Workdir } from '../workdir.ts'

/** Calls use() with the paths of files that hold these contents; what is undefined is left out. */
export async function withFiles<Name extends string, T>(
  workdir: Workdir,
  contents: { readonly [name in Name]?: string | undefined },
  use: (paths: { [name in Name]?: string }) => Promise<T>,
): Promise<T> {
  const entries = (Object.entries(contents) as [Name, string | undefined][]).filter(
    (entry): entry is [Name, string] => entry[1] !== undefined,
  )
  const open = async (index: number, paths: { [name in Name]?: string }): Promise<T> => {
    const [name, content] = entries[index] ?? []
    if (name === undefined || content === undefined) return await use(paths)
    return await workdir.withFile(name, content, (path) =>
      open(index + 1, { ...paths, [name]: path }),
    )
  }
  return await open(0, {})
}
