// Bundles src/ into dist/: `main.js`, which runs by itself, and the chunks that its commands load when they are used.
import { chmod, readFile, rm } from 'node:fs/promises'
import { build } from 'esbuild'

await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  // Native: its compiled file lies in its own package.
  external: ['better-sqlite3'],
  // Packages written as CommonJS call `require` for Node's modules, which an ES module does not have.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url);',
    ].join('\n'),
  },
  logLevel: 'warning',
})

// esbuild keeps the first line of src/main.ts in front of the banner.
if (!(await readFile('dist/main.js', 'utf8')).startsWith('#!/usr/bin/env node\n')) {
  throw new Error('src/main.ts must begin with #!/usr/bin/env node')
}
await chmod('dist/main.js', 0o755)
