import { accessSync, constants } from 'node:fs'
import { quoteForBash, quoteForSh, type Quote } from './quote.ts'

/** The shell that reads the scripts. */
export interface JobShell {
  readonly name: 'bash' | 'sh'
  readonly path: string
  readonly args: readonly string[]
  readonly quote: Quote
}

/** gitlab-runner's order. */
const BASH = ['/usr/local/bin/bash', '/usr/bin/bash', '/bin/bash']
const SH = ['/usr/local/bin/sh', '/usr/bin/sh', '/bin/sh']

/** bash where there is one, else sh; undefined on a machine without a shell. */
export function findShell(
  candidates: { readonly bash: readonly string[]; readonly sh: readonly string[] } = { bash: BASH, sh: SH },
): JobShell | undefined {
  const bash = candidates.bash.find(isExecutable)
  // Not a login shell, and no start-up files: a job starts from a clean environment.
  if (bash) return { name: 'bash', path: bash, args: ['--noprofile', '--norc'], quote: quoteForBash }
  const sh = candidates.sh.find(isExecutable)
  return sh ? { name: 'sh', path: sh, args: [], quote: quoteForSh } : undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
