// The licences of the packages in a bundle ask that their notices go with it.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A comment with name, version and licence text of every package that one of the files belongs to; root has node_modules. */
export async function collectNotices(root: string, files: readonly string[]): Promise<string> {
  const packages = new Set(files.flatMap((file) => packageOf(file) ?? []))
  const notices = await Promise.all(
    [...packages].sort().map((folder) => noticeOf(join(root, folder), folder)),
  )
  const text = ['This file contains the following packages.', ...notices].join('\n\n')
  return `${text.replace(/^/gm, '// ').replace(/ +$/gm, '')}\n`
}

function packageOf(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]
}

async function noticeOf(directory: string, folder: string): Promise<string> {
  const manifest = await readFile(join(directory, 'package.json'), 'utf8')
  const { name, version, license } = JSON.parse(manifest) as Record<string, string>
  const file = (await readdir(directory)).find((one) => /^licen[cs]e(?:\.\w+)?$/i.test(one))
  if (file === undefined) throw new Error(`Cannot bundle "${folder}": it has no licence file`)
  const text = (await readFile(join(directory, file), 'utf8')).replaceAll('\r', '').trim()
  return `${name} ${version} (${license})\n\n${text}`
}
