// Makes one file of the operator, the sandbox, the demo, the packages that they use and the files that they read.
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { assetPaths, readAssets } from '../app/assets.ts'
import { collectNotices } from './notices.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The text of the file. The same sources give the same text, on every machine. Throws what esbuild finds wrong. */
export async function bundle(): Promise<string> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: ['lib/build/entry.ts'],
    ...{ bundle: true, write: false, metafile: true },
    ...{ platform: 'node', format: 'esm', target: 'node20' },
    // The notices of all packages stand at the end.
    legalComments: 'none',
    logLevel: 'silent',
    // Packages in CommonJS ask for Node's modules by require().
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
    },
    plugins: [embedAssets(), takeZxAsCommonJs()],
  })
  const [output] = Object.values(metafile.outputs)
  const asked = output!.imports.find(({ path, external }) => external && !isBuiltin(path))
  const why = asked ? `it would look for "${asked.path}" where it runs` : warnings[0]?.text
  if (why !== undefined) throw new Error(`Cannot bundle the operator: ${why}`)
  return `${outputFiles[0]!.text}\n${await collectNotices(root, Object.keys(metafile.inputs))}`
}

function embedAssets(): Plugin {
  return {
    name: 'embed assets',
    setup: ({ onLoad }) =>
      onLoad({ filter: /[/\\]lib[/\\]util[/\\]embedded\.ts$/ }, async () => {
        const assets = (await Promise.all(assetPaths.map(readAssets))).flat()
        return { contents: `export const embedded = ${JSON.stringify(assets)}` }
      }),
  }
}

// The ES module of zx loads its CommonJS by path where it finds Deno, and there is no such path.
function takeZxAsCommonJs(): Plugin {
  return {
    name: 'take zx as CommonJS',
    setup: ({ onResolve, resolve }) =>
      onResolve({ filter: /^zx\/core$/, namespace: 'file' }, ({ kind, path, resolveDir }) =>
        kind === 'require-call' ? undefined : resolve(path, { kind: 'require-call', resolveDir }),
      ),
  }
}
