import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Program, and the Debian package that has it. */
const needed = [
  ['git', 'git'],
  ['make', 'make'],
  ['curl', 'curl'],
] as const

/** What the machine lacks, as sentences with the command that installs it; null when nothing. */
export interface MissingPrograms {
  /** Without it there is no demo. */
  readonly needed: string | null
  /** Without it the demo says less. */
  readonly wanted: string | null
}

export function missingPrograms(env: NodeJS.ProcessEnv): MissingPrograms {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const lacking = needed.filter(([program]) => !folders.some((folder) => isProgram(join(folder, program))))
  return {
    needed:
      lacking.length === 0
        ? null
        : `this machine has no ${lacking.map(([program]) => program).join(' and no ')}; install it with: apt-get install ${lacking.map(([, name]) => name).join(' ')}`,
    wanted: folders.some((folder) => isProgram(join(folder, 'bwrap')))
      ? null
      : 'bubblewrap is not installed, so jobs run as plain processes; install it with: apt-get install bubblewrap',
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
