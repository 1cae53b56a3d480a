import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { figure, median, rounds, timed, type Figure } from './measure.ts'
import { makeRepository, rich } from './workloads.ts'

const SIZES = [10, 100, 1000, 5000] as const
/** The whole process as a multiple of bare node. */
const AIMS: Readonly<Record<number, number>> = { 1000: 6, 5000: 20 }

/** What reading a CI file costs: of an ordinary one, and of files with up to 5,000 jobs, half of which use the whole language. */
export async function language(sluice: string, folder: string, count: number): Promise<Figure[]> {
  const cold = { XDG_CACHE_HOME: join(folder, 'cold', 'cache'), XDG_STATE_HOME: join(folder, 'state') }
  const warm = { ...cold, XDG_CACHE_HOME: join(folder, 'warm', 'cache') }
  const repositoryOf = (jobs: number) => makeRepository(join(folder, `rich-${jobs}`), rich(jobs))
  const ordinary = repositoryOf(20)
  const sluiceRun =
    (cwd: string, ...args: string[]) =>
    () =>
      timed(['node', sluice, ...args], { cwd, env: warm })
  const sizes = SIZES.map((jobs) => ({ jobs, cwd: repositoryOf(jobs) }))
  const largest = join(folder, 'rich-5000')
  // Nothing is found in a cache that was emptied before the clock starts.
  const coldRun = (cwd: string) => async () => {
    rmSync(cold.XDG_CACHE_HOME, { recursive: true, force: true })
    return timed(['node', sluice, 'list', '--json'], { cwd, env: cold })
  }
  await sluiceRun(largest, 'list', '--json')()
  const runs = await rounds(count, {
    bare: () => timed(['node', '-e', '0'], { cwd: folder }),
    lint: sluiceRun(ordinary, 'lint'),
    list: sluiceRun(ordinary, 'list'),
    ...Object.fromEntries(sizes.map(({ jobs, cwd }) => [`${jobs}`, coldRun(cwd)])),
    again: sluiceRun(largest, 'list', '--json'),
    lintAgain: sluiceRun(largest, 'lint'),
  })
  const time = (name: string) => median((runs[name] ?? []).map((each) => each.milliseconds))
  const peak = (name: string) => median((runs[name] ?? []).map((each) => each.megabytes ?? NaN))
  const bare = time('bare')
  // From 10 to 1,000 and from 1,000 to 5,000 jobs: equal when the cost is linear.
  const each = (few: number, many: number) => (time(`${many}`) - time(`${few}`)) / (many - few)
  return [
    { name: 'bare node -e 0', value: `${bare.toFixed(1)} ms`, aim: '', holds: true },
    figure('lint of 20 jobs, above bare node', time('lint') - bare, 'ms', 60),
    figure('list of 20 jobs, above bare node', time('list') - bare, 'ms', 90),
    ...SIZES.map((jobs) => timesBare(`list --json of ${jobs} jobs`, time(`${jobs}`) / bare, AIMS[jobs])),
    figure('list --json of 5000 jobs, unchanged since the last run', time('again') / bare, 'x bare node', 5),
    figure('lint of 5000 jobs, unchanged since the last run', time('lintAgain') / bare, 'x bare node', 5),
    figure('peak memory with 5000 jobs', peak('5000'), 'MB', 300),
    figure('each job beyond 1000, against each below', each(1000, 5000) / each(10, 1000), 'x', 1.2),
  ]
}

function timesBare(name: string, value: number, aim: number | undefined): Figure {
  if (aim !== undefined) return figure(name, value, 'x bare node', aim)
  return { name, value: `${value.toFixed(2)} x bare node`, aim: '', holds: true }
}
