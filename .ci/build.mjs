// Bundles src/ into dist/: `main.js`, which runs by itself, and one file for each module that is loaded when it is used.
// Each is complete in itself: a command loads one file, where shared chunks would be some twenty (measured: 20 ms of its start).
// Those files are CommonJS, because V8 keeps compiled code of scripts only: src/platform/compiled-module.ts loads them.
import { rmSync } from 'node:fs'
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'

// Built beside its place and then moved there: whoever runs the old build meanwhile is not left with half of the new one.
const folder = 'dist'
const next = `.dist-${process.pid}`
// Started by their files, and imported by nobody.
const programs = [resolve('src/main.ts'), resolve('src/compile/thread/compile-thread.ts')]
const entries = new Set(programs)

/** A dynamic import of ours becomes a file beside the others. */
const lazyModules = {
  name: 'lazy-modules',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.tsx?$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined
      entries.add(resolve(resolveDir, path))
      return { path: `./${fileOf(resolve(resolveDir, path))}`, external: true }
    })
  },
}

function fileOf(source) {
  return `${basename(source).replace(/\.tsx?$/, '')}.${programs.includes(source) ? 'js' : 'cjs'}`
}

process.on('exit', () => rmSync(next, { recursive: true, force: true }))
// The set grows while it is walked.
for (const entry of entries) {
  const program = programs.includes(entry)
  await build({
    entryPoints: [entry],
    outfile: join(next, fileOf(entry)),
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    // Native: its compiled file lies in its own package.
    external: ['better-sqlite3'],
    plugins: [lazyModules],
    logLevel: 'warning',
    ...(program
      ? {
          format: 'esm',
          // Packages written as CommonJS call `require` for Node's modules, which an ES module does not have.
          banner: {
            js: [
              "import { createRequire as __createRequire } from 'node:module';",
              'const require = __createRequire(import.meta.url);',
            ].join('\n'),
          },
        }
      : { format: 'cjs', define: { 'import.meta.url': '__fileUrl' } }),
  })
  await loadThroughCache(join(next, fileOf(entry)))
}

/** Lets every `import()` of a lazy module call what src/main.ts has put there. */
async function loadThroughCache(file) {
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    text.replaceAll(/\bimport\("(\.\/[\w-]+\.cjs)"\)/g, 'globalThis.__loadCompiled("$1")'),
  )
}

if (new Set([...entries].map(fileOf)).size !== entries.size)
  throw new Error('two lazy modules have the same file name')

// esbuild keeps the first line of src/main.ts in front of the banner.
const main = join(next, 'main.js')
if (!(await readFile(main, 'utf8')).startsWith('#!/usr/bin/env node\n')) {
  throw new Error('src/main.ts must begin with #!/usr/bin/env node')
}
await chmod(main, 0o755)
await rm(folder, { recursive: true, force: true })
await rename(next, folder)
