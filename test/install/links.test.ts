// Every link of the documentation leads somewhere, and every page is in the index.
import { access, readdir, readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('the documentation')
const root = new URL('../../', import.meta.url)

async function pages(): Promise<string[]> {
  const found = await readdir(new URL('docs/', root), { recursive: true })
  const inDocs = found.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)
  return ['README.md', 'CHANGELOG.md', 'chart/helm-operator/README.md', ...inDocs.sort()]
}

async function read(page: string): Promise<string> {
  const text = await readFile(new URL(page, root), 'utf8')
  return text.replace(/^```[\s\S]*?^```/gm, '')
}

function links(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^https?:/.test(target))
}

// As GitHub makes them.
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

async function whyBroken(page: string, target: string): Promise<string | undefined> {
  const [path = '', anchor] = target.split('#')
  const there = new URL(path, new URL(page, root))
  try {
    await access(there)
  } catch {
    return `${page}: there is no ${target}`
  }
  if (anchor === undefined) return undefined
  const known = anchors(await readFile(there, 'utf8'))
  return known.includes(anchor) ? undefined : `${page}: there is no heading for ${target}`
}

test('every link leads to a file, and to a heading where it names one', async () => {
  const broken: string[] = []
  for (const page of await pages())
    for (const target of links(await read(page))) {
      const why = await whyBroken(page, target)
      if (why !== undefined) broken.push(why)
    }
  assert.equal(broken, [])
})

test('every page is in the index', async () => {
  const index = links(await read('docs/README.md')).map((target) => `docs/${target}`)
  const all = (await pages()).filter((page) => page.startsWith('docs/'))
  assert.equal(
    all.filter((page) => page !== 'docs/README.md' && !index.includes(page)),
    [],
  )
})

test.run()
