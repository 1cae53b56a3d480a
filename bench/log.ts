import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { figure, median, rounds, timed, type Figure } from './measure.ts'
import { makeRepository, printMegabytes } from './workloads.ts'

const MEGABYTES = 200

/** One job that prints 200 MB: whole, fast, and in little memory. */
export async function log(sluice: string, folder: string, count: number): Promise<Figure[]> {
  const command = printMegabytes(MEGABYTES)
  const cwd = makeRepository(join(folder, 'log'), `noisy:\n  script:\n    - "${command}"\n`)
  const small = makeRepository(join(folder, 'quiet'), `noisy:\n  script:\n    - "${printMegabytes(1)}"\n`)
  const env = { XDG_CACHE_HOME: join(folder, 'cache') }
  const run = (where: string) => () =>
    timed(['node', sluice, 'run', '--json', '--state', `${where}-state`], { cwd: where, env })
  const runs = await rounds(count, {
    noisy: run(cwd),
    quiet: run(small),
    floor: () => timed(['bash', '-c', `${command} > ${join(folder, 'floor.log')}`], { cwd }),
  })
  const time = (name: string) => median((runs[name] ?? []).map((each) => each.milliseconds))
  const peak = median((runs['noisy'] ?? []).map((each) => each.megabytes ?? NaN))
  const quietPeak = median((runs['quiet'] ?? []).map((each) => each.megabytes ?? NaN))
  const rate = (MEGABYTES - 1) / ((time('noisy') - time('quiet')) / 1000)
  return [
    figure(
      'bytes kept of a 200 MB log',
      largestTrace(`${cwd}-state`) / 1_000_000,
      'MB',
      MEGABYTES,
      'at least',
    ),
    figure('rate of one job that prints 200 MB', rate, 'MB/s', 300, 'at least'),
    {
      name: 'the same into a file, without us',
      value: `${(MEGABYTES / (time('floor') / 1000)).toFixed(0)} MB/s`,
      aim: '',
      holds: true,
    },
    figure('peak memory with a 200 MB log', peak, 'MB', 150),
    figure('peak memory beyond that with a 1 MB log', peak - quietPeak, 'MB', 40),
  ]
}

function largestTrace(state: string): number {
  const files = readdirSync(join(state, 'traces'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.log'),
  )
  return Math.max(...files.map((name) => statSync(join(state, 'traces', name)).size))
}
