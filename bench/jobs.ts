import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { figure, median, rounds, timed, type Figure } from './measure.ts'
import { chain, grid, makeRepository, oneJob, skew, wide } from './workloads.ts'

const shapes: readonly (readonly [string, number, string])[] = [
  ['chain of 50', 50, chain(50)],
  ['stages 10x3', 30, grid(10, 3)],
  ['50 independent', 50, wide(50)],
]

/** What each further trivial job costs, and that as a ratio to a bash loop that does the same checkout, clean and sandbox. */
export async function jobs(sluice: string, folder: string, count: number): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const executor of ['shell', 'bubblewrap']) {
    for (const [name, size, yaml] of shapes) {
      const cwd = makeRepository(join(folder, `${executor}-${name.replaceAll(' ', '-')}`), yaml)
      const single = makeRepository(`${cwd}-single`, oneJob)
      const env = { XDG_CACHE_HOME: join(folder, 'cache') }
      const floor = equalWork(cwd, `${cwd}-floor`, executor, size)
      const run = (where: string) => () =>
        timed(
          [
            'node',
            sluice,
            'run',
            '--json',
            '--concurrency',
            '2',
            '--executor',
            executor,
            '--state',
            `${where}-state`,
          ],
          { cwd: where, env },
        )
      const runs = await rounds(count, {
        many: run(cwd),
        one: run(single),
        floor: () => timed(floor, { cwd }),
      })
      const time = (key: string) => median((runs[key] ?? []).map((each) => each.milliseconds))
      const each = (time('many') - time('one')) / (size - 1)
      figures.push(
        figure(`${name}, ${executor}: each further job`, each, 'ms', executor === 'shell' ? 9 : 15),
      )
      figures.push(
        figure(
          `${name}, ${executor}: the same, as a ratio to the equal work in bash`,
          each / (time('floor') / size),
          'x',
          1.5,
        ),
      )
    }
  }
  return figures
}

/** Two slow jobs that can run side by side: the critical path is three seconds. */
export async function criticalPath(sluice: string, folder: string, count: number): Promise<Figure[]> {
  const cwd = makeRepository(join(folder, 'skew'), skew(3))
  const runs = await rounds(count, {
    skew: () =>
      timed(['node', sluice, 'run', '--json', '--state', `${cwd}-state`], {
        cwd,
        env: { XDG_CACHE_HOME: join(folder, 'cache') },
      }),
  })
  const seconds = median((runs['skew'] ?? []).map((each) => each.milliseconds)) / 1000
  return [figure('DAG with a critical path of 3 s', seconds, 's', 3.2)]
}

/** The least that the same outcome takes without us: checkout, clean and a shell (in the same sandbox) for every job. */
function equalWork(repository: string, workspace: string, executor: string, count: number): string[] {
  execFileSync('git', ['clone', '-q', '--shared', repository, workspace])
  for (const each of ['tmp', 'home'])
    mkdirSync(join(workspace, '..', `${executor}-floor-${each}`), { recursive: true })
  const parent = join(workspace, '..')
  const sandbox = [
    'bwrap --unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --uid 1000 --gid 1000',
    '--die-with-parent --new-session --cap-drop ALL --hostname floor',
    '--ro-bind /usr /usr --ro-bind /etc /etc --ro-bind /var/lib /var/lib --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64',
    `--dev /dev --proc /proc --bind ${parent}/${executor}-floor-tmp /tmp --tmpfs /var/tmp --tmpfs /run`,
    `--bind ${parent}/${executor}-floor-home /home/job --bind ${workspace} /builds/floor --chdir /builds/floor`,
    '--clearenv --setenv PATH /usr/bin:/bin bash -c true',
  ].join(' ')
  const job = executor === 'bubblewrap' ? sandbox : 'bash -c true'
  const git = `git -C ${workspace}`
  return [
    'bash',
    '-c',
    `set -e; for i in $(seq ${count}); do ${git} checkout -q -f HEAD; ${git} clean -ffdxq; ${job}; done`,
  ]
}
