import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { startDaemon } from './daemon.ts'
import { makeManyProjects } from './many-projects.ts'
import { figure, noted, type Figure } from './measure.ts'

const PROJECTS = 200
const SCHEDULES = 500
/** After the first look at what is old, and after the processes of git that nobody asks any more have ended. */
const SETTLE_MS = 75_000
/** With a tick of the schedules and two looks at the repositories in it. `IDLE_SECONDS` overrides. */
const SECONDS = Number(process.env['IDLE_SECONDS'] ?? 60)

/** What a daemon with 200 watched repositories and 500 schedules costs when nothing happens, against one with nothing. */
export async function idle(sluice: string, folder: string): Promise<Figure[]> {
  const many = makeManyProjects(`${folder}/many`, PROJECTS, SCHEDULES)
  const few = makeManyProjects(`${folder}/few`, 1, 0)
  const daemon = await startDaemon(sluice, many.config)
  const small = await startDaemon(sluice, few.config)
  try {
    const atReady = daemon.residentMegabytes()
    const processesAtReady = childrenOf(daemon.pid)
    await wait(SETTLE_MS)
    const before = [daemon.cpuSeconds(), small.cpuSeconds()]
    await wait(SECONDS * 1000)
    const share = (now: number, then = 0): number => (100 * (now - then)) / SECONDS
    return [
      figure('200 repositories, 500 schedules: processor', share(daemon.cpuSeconds(), before[0]), '%', 1),
      noted('  the same with one repository', share(small.cpuSeconds(), before[1]), '%'),
      figure('  resident memory', daemon.residentMegabytes(), 'MB', 150),
      noted('  the same with one repository', small.residentMegabytes(), 'MB'),
      noted('  resident memory when it was ready', atReady, 'MB'),
      noted('  processes of git when it was ready', processesAtReady, ''),
      figure('  processes of git when nothing happens', childrenOf(daemon.pid), '', 0),
      noted('  time to ready', daemon.readyAfter, 'ms'),
      noted('  the same with one repository', small.readyAfter, 'ms'),
    ]
  } finally {
    await Promise.all([daemon.stop(), small.stop()])
  }
}

function childrenOf(pid: number): number {
  const parent = new RegExp(`^PPid:\\t${pid}$`, 'm')
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parent.test(statusOf(name))).length
}

/** Empty when the process has ended meanwhile. */
function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
