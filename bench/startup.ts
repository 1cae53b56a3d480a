import { join } from 'node:path'
import { figure, median, rounds, timed, type Figure } from './measure.ts'
import { makeRepository, oneJob } from './workloads.ts'

/** What starting costs: nothing, `--version`, and one trivial job with checkout and sandbox. */
export async function startup(sluice: string, folder: string, count: number): Promise<Figure[]> {
  const cwd = makeRepository(join(folder, 'one'), oneJob)
  const state = join(folder, 'one-state')
  const cache = { XDG_CACHE_HOME: join(folder, 'cache') }
  const run = (executor: string) => () =>
    timed(['node', sluice, 'run', '--json', '--executor', executor, '--state', `${state}-${executor}`], {
      cwd,
      env: cache,
    })
  const runs = await rounds(count, {
    bare: () => timed(['node', '-e', '0'], { cwd }),
    version: () => timed(['node', sluice, '--version'], { cwd }),
    bubblewrap: run('bubblewrap'),
    shell: run('shell'),
  })
  const time = (name: string) => median((runs[name] ?? []).map((each) => each.milliseconds))
  const bare = time('bare')
  return [
    { name: 'bare node -e 0', value: `${bare.toFixed(1)} ms`, aim: '', holds: true },
    figure('--version, above bare node', time('version') - bare, 'ms', 30),
    figure('one trivial job, bubblewrap, above bare node', time('bubblewrap') - bare, 'ms', 130),
    figure('one trivial job, shell, above bare node', time('shell') - bare, 'ms', 130),
  ]
}
