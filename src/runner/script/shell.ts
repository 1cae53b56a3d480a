import { accessSync, constants } from 'node:fs'
import { DEFAULT_ISOLATION, type ShellChoice } from '../../model/isolation.ts'
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

/** bash where there is one, else sh, unless one of them is asked for; undefined when there is none. */
export function findShell(
  { name, login }: ShellChoice = DEFAULT_ISOLATION.shell,
  candidates: { readonly bash: readonly string[]; readonly sh: readonly string[] } = { bash: BASH, sh: SH },
): JobShell | undefined {
  const bash = name === 'sh' ? undefined : candidates.bash.find(isExecutable)
  // Not a login shell, and no start-up files: a job starts from a clean environment.
  if (bash) {
    const args = login ? ['--login'] : ['--noprofile', '--norc']
    return { name: 'bash', path: bash, args, quote: quoteForBash }
  }
  const sh = name === 'bash' ? undefined : candidates.sh.find(isExecutable)
  return sh ? { name: 'sh', path: sh, args: login ? ['-l'] : [], quote: quoteForSh } : undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
