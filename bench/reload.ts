import { readFileSync, utimesSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'yaml'
import { startDaemon, type Daemon } from './daemon.ts'
import { makeManyProjects, type ManyProjects } from './many-projects.ts'
import { figure, median, noted, percentile, type Figure } from './measure.ts'

const PROJECTS = 200
const SCHEDULES = 500
const ROUNDS = 15
const AIM_MS = 300
/** A file that is saved without a change is compared in silence: so long after it, that is over. */
const SILENCE_MS = 3000

/** From the saved file to the line which says that it holds; the floor is reading and parsing it. */
export async function reload(sluice: string, folder: string): Promise<Figure[]> {
  const many = makeManyProjects(folder, PROJECTS, SCHEDULES)
  const daemon = await startDaemon(sluice, many.config)
  try {
    const changes: Readonly<Record<string, (round: number) => string>> = {
      'a variable of one project': (round) => many.text.replace('test-100"', `test-100-${round}"`),
      'the time of one schedule': (round) => many.text.replace(/cron: "\d+ /, `cron: "${30 + round} `),
      'the triggers of one project': (round) =>
        many.text.replace('token: bench-50,', `token: bench-50-${round},`),
      'a line above all of them': (round) => `# ${round}\n${many.text}`,
      'one project less': () => many.text.replace(/ {2}- id: 150\n(?: {4}.*\n)*/, ''),
      'one project more': () => many.text,
    }
    const times: Record<string, number[]> = { asked: [] }
    const floors: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      floors.push(parseTime(many.config))
      for (const [name, text] of Object.entries(changes))
        (times[name] ??= []).push(await timeUntilTaken(daemon, () => many.save(text(round))))
      times['asked']?.push(await timeUntilTaken(daemon, () => process.kill(daemon.pid, 'SIGHUP')))
    }
    const touched = await processorOfTouch(daemon, many)
    return [
      ...Object.keys(changes).map((name) =>
        figure(`200 projects, 500 schedules: ${name}, p50`, percentile(times[name] ?? [], 50), 'ms', AIM_MS),
      ),
      figure('  SIGHUP and nothing has changed, p50', percentile(times['asked'] ?? [], 50), 'ms', AIM_MS),
      noted('  all of them, p99', percentile(Object.values(times).flat(), 99), 'ms'),
      noted('  a file that was only touched, processor', touched, 'ms'),
      noted('  floor: reading and parsing the file with yaml', median(floors), 'ms'),
    ]
  } finally {
    await daemon.stop()
  }
}

async function timeUntilTaken(daemon: Daemon, change: () => void): Promise<number> {
  const taken = daemon.nextLine(/is read: \d+ projects/)
  const start = performance.now()
  change()
  await taken
  return performance.now() - start
}

async function processorOfTouch(daemon: Daemon, { config }: ManyProjects): Promise<number> {
  await wait(SILENCE_MS)
  const before = daemon.cpuSeconds()
  for (let round = 0; round < 3; round++) {
    utimesSync(config, new Date(), new Date())
    await wait(SILENCE_MS)
  }
  return ((daemon.cpuSeconds() - before) * 1000) / 3
}

function parseTime(config: string): number {
  const start = performance.now()
  parse(readFileSync(config, 'utf8'))
  return performance.now() - start
}
