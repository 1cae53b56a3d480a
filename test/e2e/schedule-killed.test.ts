// The real daemon, killed with SIGKILL at each commit between a schedule that is due and the note that it ran.
import Sqlite from 'better-sqlite3'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { makeHome, startSluice, type Home, type Running } from '../support/sluice.ts'

const HOOK = join(import.meta.dirname, '../support/die-at-commit.mjs')
/** Enough to come from the first question to the note: the test says when they are too few. */
const COMMITS = [1, 2, 3, 4]
const MINUTE = 60_000

interface Installation {
  readonly home: Home
  readonly config: string
  readonly state: string
}

function install(): Installation {
  const folder = temporaryFolder()
  makeRepository({ folder: join(folder, 'app'), files: { '.gitlab-ci.yml': 'nightly: {script: "true"}\n' } })
  const config = join(folder, 'runner.config.yaml')
  writeFileSync(
    config,
    `executor: shell
projects:
  - id: 9
    name: group/app
    path: app
    default_branch: main
    watch: off
    schedules:
      - {description: yearly, cron: '0 0 1 1 *', ref: main}
`,
  )
  return { home: makeHome(), config, state: join(folder, 'state') }
}

function serve({ home, config, state }: Installation, dieAt?: string): Running {
  const env = dieAt === undefined ? {} : { NODE_OPTIONS: `--import=${HOOK}`, SLUICE_DIE_AT: dieAt }
  return startSluice(home, ['serve', '--config', config, '--state', state, '--listen', '127.0.0.1:0'], {
    env,
  })
}

interface Seen {
  readonly pipelines: readonly { readonly key: string; readonly iid: number; readonly status: string }[]
  readonly nextRunAt: number
  readonly lastRunAt: number | null
}

function see({ state }: Installation): Seen {
  const database = new Sqlite(join(state, 'sluice.db'), { readonly: true })
  try {
    const schedule = database
      .prepare<[], Omit<Seen, 'pipelines'>>(
        'select next_run_at as nextRunAt, last_run_at as lastRunAt from schedules',
      )
      .get()
    if (!schedule) throw new Error('the schedule is gone')
    const pipelines = database
      .prepare<[], Seen['pipelines'][number]>(
        "select source_key as key, iid, status from pipelines where source = 'schedule' order by id",
      )
      .all()
    return { ...schedule, pipelines }
  } finally {
    database.close()
  }
}

/** As if the instant had come while nobody looked. */
function makeDue({ state }: Installation, at: number): void {
  const database = new Sqlite(join(state, 'sluice.db'))
  database.prepare<[number]>('update schedules set next_run_at = ?').run(at)
  database.close()
}

async function until(installation: Installation, isThere: (seen: Seen) => boolean): Promise<Seen> {
  for (;;) {
    const seen = see(installation)
    if (isThere(seen)) return seen
    await sleep(20)
  }
}

const hasEnded = ({ status }: { readonly status: string }): boolean => ['success', 'failed'].includes(status)

async function end(daemon: Running): Promise<void> {
  daemon.signal('SIGTERM')
  expect((await daemon.ended).code).toBe(0)
}

describe('a daemon that is killed between a due schedule and its pipeline', () => {
  it('makes exactly one after the restart, wherever it died', { timeout: 120_000 }, async () => {
    const installation = install()
    const first = serve(installation)
    await first.says(/Token {4}/)
    await end(first)

    const keys: string[] = []
    /** What the kill left: without a pipeline, with one of which the schedule knows nothing, with both. */
    const left = new Set<string>()
    const now = Math.floor(Date.now() / MINUTE) * MINUTE
    for (const [index, dieAt] of COMMITS.flatMap((n) => [`${n}:inside`, `${n}:after`]).entries()) {
      const due = now - (30 - index) * MINUTE
      const key = `schedule:1:${due / 1000}`
      keys.push(key)
      makeDue(installation, due)
      expect((await serve(installation, dieAt).ended).code).toBeNull()
      const killed = see(installation)
      left.add(`${killed.pipelines.length === keys.length} ${killed.lastRunAt === due}`)

      const daemon = serve(installation)
      const { pipelines } = await until(
        installation,
        (seen) =>
          seen.nextRunAt > due && seen.pipelines.length >= keys.length && seen.pipelines.every(hasEnded),
      )
      expect([dieAt, pipelines.map((pipeline) => pipeline.key)]).toEqual([dieAt, keys])
      await end(daemon)
    }
    const { pipelines } = see(installation)
    expect(pipelines.map(({ key }) => key)).toEqual(keys)
    expect(new Set(pipelines.map(({ iid }) => iid)).size).toBe(keys.length)
    expect([...left].toSorted()).toEqual(['false false', 'true false', 'true true'])
  })
})
