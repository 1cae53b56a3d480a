import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import type { WantedBackup } from '../app/scheduled-backups.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { CommandContext } from './context.ts'

/** Work that can wait: jobs and answers go first. */
const NICE = 10

/** `sluice backup` in a process of its own. The error is what it said. */
export function backUpInProcess(
  { stateDir, target, withFiles }: WantedBackup,
  { entry, env }: Pick<CommandContext, 'entry' | 'env'>,
  signal: AbortSignal,
): Promise<Result<true, string>> {
  const args = [entry, 'backup', '--state', stateDir, ...(withFiles ? ['--with-files'] : []), '--', target]
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'], signal })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-2000)
    })
    child.on('spawn', () => {
      if (child.pid !== undefined) giveWay(child.pid)
    })
    child.on('error', (error) => {
      // One that is told to end writes until it has: only one that never began is over with this.
      if (child.pid === undefined) resolve(err(error.message))
    })
    child.on('close', (code, name) => {
      const words = said.trim().replace(/^error: /, '')
      resolve(code === 0 ? ok(true) : err(words || `its process ended with ${code ?? name ?? 'nothing'}`))
    })
  })
}

function giveWay(pid: number): void {
  try {
    setPriority(pid, NICE)
  } catch {
    // it has ended already
  }
}
