import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Whether this machine has ruby with these libraries. Without it the recorded answers still bind. */
export function hasRuby(...libraries: string[]): boolean {
  const run = spawnSync('ruby', [...libraries.map((library) => `-r${library}`), '-e', 'exit 0'])
  return run.error === undefined && run.status === 0
}

/** Gives a JSON question to `test/oracles/<script>` and reads its JSON answer. */
export function askRuby(script: string, question: unknown): unknown {
  const run = spawnSync('ruby', [fileURLToPath(new URL(script, import.meta.url))], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (run.status !== 0) throw new Error(`${script}: ${run.error?.message ?? run.stderr}`)
  return JSON.parse(run.stdout)
}
