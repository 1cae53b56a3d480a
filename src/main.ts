#!/usr/bin/env node
import { readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadCompiled } from './platform/compiled-module.ts'

// `--version` answers before anything else is loaded; the commands load themselves when they are used.
const entry = fileURLToPath(import.meta.url)
const packageRoot = dirname(dirname(entry))
const argv = process.argv.slice(2)

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8'))
  const named =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined
  return typeof named === 'string' ? named : 'unknown'
}

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  writeSync(1, `${version()}\n`)
} else {
  // In the bundle every `import()` of ours calls this.
  Object.assign(globalThis, {
    __loadCompiled: (name: string) => Promise.resolve(loadCompiled(join(dirname(entry), name), process.env)),
  })
  const { start } = await import('./cli/start.ts')
  await start(argv, { version: version(), packageRoot, entry })
}
