// `sluice watch --json` in a repository of its own, read record by record.
import { makeRepository, type TestRepository } from './git.ts'
import { makeHome, startSluice, type Home, type Running } from './sluice.ts'

export interface WatchRecord {
  readonly type: string
  readonly [key: string]: unknown
}

export interface WatchScene {
  readonly repository: TestRepository
  readonly watch: Running
  readonly home: Home
  /** The next records up to one of this type. */
  until(type: string): Promise<WatchRecord[]>
}

/** Starts it and reads up to `watch.ready`. */
export async function watchingIn(
  files: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<WatchScene> {
  const repository = makeRepository({ files })
  const home = makeHome()
  const watch = startSluice(home, ['watch', '--json', '--executor', 'shell', ...args], {
    cwd: repository.root,
    typing: true,
  })
  let read = 0
  const records = (): WatchRecord[] =>
    watch
      .output()
      .split('\n')
      .flatMap((line) =>
        line.startsWith('{"type"') && line.endsWith('}') ? [JSON.parse(line) as WatchRecord] : [],
      )
  const until = async (type: string): Promise<WatchRecord[]> => {
    for (;;) {
      const fresh = records().slice(read)
      const at = fresh.findIndex((record) => record.type === type)
      if (at >= 0) {
        read += at + 1
        return fresh.slice(0, at + 1)
      }
      const lines = records().length
      await watch.says(new RegExp(`^(?:\\{"type".*\\n){${lines + 1}}`))
    }
  }
  await until('watch.ready')
  return { repository, watch, home, until }
}

/** `name status` of each job of the pipeline that ended among these records. */
export function jobsRun(records: readonly WatchRecord[]): unknown {
  const finished = records.find(({ type }) => type === 'pipeline.finished')
  const jobs = (finished?.['jobs'] ?? []) as { name: string; status: string }[]
  return jobs.map(({ name, status }) => `${name} ${status}`)
}
