import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** That the trial of bubblewrap succeeded here, until something changes on which it depends: a trial costs 10 ms of every start. */
export interface ProbeMemory {
  knows(): boolean
  learn(): void
  forget(): void
}

/** What can make a sandbox fail that worked before, without a reboot. */
const SWITCHES = [
  '/proc/sys/kernel/random/boot_id',
  '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
  '/proc/sys/kernel/unprivileged_userns_clone',
  '/proc/sys/user/max_user_namespaces',
]

/**
 * `program` is looked up as bubblewrap itself is: by its path, or in /usr/bin and /bin. `manner` is the job's shell and what is asked
 * of the sandbox. Only successes are remembered.
 */
export function probeMemory(folder: string, program: string, manner: string): ProbeMemory {
  const file = join(folder, 'works')
  const key = createHash('sha256').update(situation(program, manner)).digest('hex')
  return {
    knows: () => readText(file) === key,
    learn() {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      // Another process may read at the same time: half a key is no key.
      rmSync(file, { force: true })
      writeFileSync(file, key, { mode: 0o600 })
    },
    forget: () => rmSync(file, { force: true }),
  }
}

function situation(program: string, manner: string): string {
  const place = program.includes('/')
    ? [program]
    : ['/usr/bin', '/bin'].map((folder) => join(folder, program))
  const files = [...place, manner.split(' ')[0] ?? ''].map((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found ? [path, found.ino, found.size, found.mtimeMs, found.mode] : [path]
  })
  return JSON.stringify([manner, process.getuid?.(), process.getgroups?.(), files, SWITCHES.map(readText)])
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not on this kernel, or nothing learnt yet
  }
}
