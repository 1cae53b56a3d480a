import { spawnSync } from 'node:child_process'

const TIMEOUT_MS = 1000
const UNMATCHED = /unexpected EOF while looking for matching [`'"](['"`])/

/** The quote that a script opens and does not close, as `bash -n` sees it; undefined: none, or there is no bash. */
export function unmatchedQuote(script: string): string | undefined {
  const { stderr } = spawnSync('bash', ['-n'], {
    input: script,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  return UNMATCHED.exec(stderr ?? '')?.[1]
}
