// The real daemon, real requests, real bash; and kill -9 at moments that a seed has chosen.
import Sqlite from 'better-sqlite3'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { randomFrom } from '../support/random.ts'
import { makeHome, startSluice, type Home, type Running } from '../support/sluice.ts'

const KILLS = Number(process.env['SLUICE_KILLS'] ?? 25)
const SEED = Number(process.env['SLUICE_SEED'] ?? 20_261_122)
/** From the moment that the daemon says where it listens. */
const LONGEST_LIFE_MS = 800

// Each job says that it began, works for up to 50 ms, and leaves a process behind that no longer belongs to its group.
const job = (stage: string, more = ''): string =>
  `{stage: ${stage}, script: ['echo "$NUMBER $CI_PIPELINE_ID $CI_JOB_ID" >> "$MARKS"', 'setsid sleep 99999 < /dev/null > /dev/null 2>&1 &', 'sleep 0.0$((CI_JOB_ID % 6))', 'echo "$CI_JOB_ID" > out.txt'${more}}`

const FILES = {
  '.gitlab-ci.yml': [
    'stages: [one, two, three]',
    `a: ${job('one', '], artifacts: {paths: [out.txt]}')}`,
    `b: ${job('one', '], retry: {max: 2, when: runner_system_failure}')}`,
    `c: ${job('two', '], needs: [a]')}`,
    'kid: {stage: two, trigger: {include: child.yml, strategy: depend, forward: {pipeline_variables: true}}}',
    `d: ${job('three', '], when: always, resource_group: end')}`,
  ].join('\n'),
  'child.yml': `x: ${job('test', ']')}\ny: ${job('test', '], needs: [x], when: always')}\n`,
}

interface Installation {
  readonly home: Home
  readonly config: string
  readonly state: string
  readonly marks: string
}

function install(): Installation {
  const folder = temporaryFolder()
  makeRepository({ folder: join(folder, 'app'), files: FILES })
  const config = join(folder, 'runner.config.yaml')
  const token = '      - { description: release bot, token: glptt-1234567890abcdef, owner: root }'
  const project = `  - id: 9\n    name: group/app\n    path: app\n    default_branch: main\n    triggers:\n${token}\n`
  writeFileSync(config, `executor: shell\nprojects:\n${project}`)
  return { home: makeHome(), config, state: join(folder, 'state'), marks: join(folder, 'marks') }
}

async function serve({ home, config, state }: Installation): Promise<{ daemon: Running; url: string }> {
  const daemon = startSluice(home, ['serve', '--config', config, '--state', state, '--listen', '127.0.0.1:0'])
  const [, url = ''] = await daemon.says(/(http:\/\/127\.0\.0\.1:\d+)\/\n/)
  return { daemon, url }
}

/** The id of the pipeline that was accepted; undefined: the daemon died before it answered. */
async function trigger(url: string, number: number, marks: string): Promise<number | undefined> {
  const body = new URLSearchParams({
    token: 'glptt-1234567890abcdef',
    ref: 'main',
    'variables[NUMBER]': String(number),
    'variables[MARKS]': marks,
  })
  const answer = await fetch(`${url}/api/v4/projects/9/trigger/pipeline`, { method: 'POST', body }).catch(
    () => undefined,
  )
  if (answer === undefined) return undefined
  const text = await answer.text().catch(() => undefined)
  if (text === undefined) return undefined
  expect({ status: answer.status, text }).toMatchObject({ status: 201 })
  const made: { readonly id: number } = JSON.parse(text)
  return made.id
}

interface Rows {
  readonly jobs: readonly {
    id: number
    pipelineId: number
    name: string
    kind: string
    status: string
    reason: string | null
    attempt: number
    retried: number
    traceSize: number
    createdAt: number
  }[]
  readonly pipelines: readonly { id: number; iid: number; status: string; parentJobId: number | null }[]
  readonly artifacts: readonly { jobId: number; path: string }[]
}

function readRows(state: string): Rows {
  const database = new Sqlite(join(state, 'sluice.db'), { readonly: true })
  const all = <T>(sql: string): T[] => database.prepare<[], T>(sql).all()
  const rows: Rows = {
    jobs: all(
      `select id, pipeline_id as pipelineId, name, kind, status, failure_reason as reason, attempt, retried, trace_size as traceSize,
       created_at as createdAt from jobs`,
    ),
    pipelines: all('select id, iid, status, parent_job_id as parentJobId from pipelines'),
    artifacts: all("select job_id as jobId, path from artifacts where kind = 'archive'"),
  }
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  database.close()
  return rows
}

function logOf(state: string, id: number, createdAt: number): string {
  const created = new Date(createdAt)
  return join(
    state,
    'traces',
    String(created.getUTCFullYear()),
    String(created.getUTCMonth() + 1).padStart(2, '0'),
    `${id}.log`,
  )
}

/** Processes whose environment names this text. */
function processesOf(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').includes(text)
    } catch {
      return false
    }
  })
}

const ENDED = ['success', 'failed', 'canceled', 'skipped']

describe('a daemon that is killed again and again', () => {
  it(
    `loses, doubles and leaves nothing (${KILLS} kills, SLUICE_SEED=${SEED})`,
    { timeout: 60_000 + KILLS * 8000 },
    async () => {
      const installation = install()
      const { state, marks } = installation
      const random = randomFrom(SEED)
      const accepted = new Map<number, number>()
      let sent = 0

      async function send(url: string): Promise<void> {
        const number = sent++
        const id = await trigger(url, number, marks)
        if (id !== undefined) accepted.set(id, number)
      }

      for (let kill = 0; kill < KILLS; kill++) {
        const { daemon, url } = await serve(installation)
        const requests = [send(url), ...(random() < 0.3 ? [send(url)] : [])]
        // Not to wait for something: this is the moment.
        await sleep(random() * LONGEST_LIFE_MS)
        daemon.signal('SIGKILL')
        await Promise.all([daemon.ended, ...requests])
      }
      expect(accepted.size).toBeGreaterThan(0)

      const { daemon } = await serve(installation)
      for (const { id, status } of readRows(state).pipelines)
        if (!ENDED.includes(status))
          await daemon.says(
            new RegExp(String.raw`"pipeline_id":${id},"status":"(success|failed|canceled|skipped)"`),
          )
      daemon.signal('SIGTERM')
      expect((await daemon.ended).code).toBe(0)

      check(state, marks, accepted)
      expect(processesOf(marks)).toEqual([])
    },
  )
})

function check(state: string, marks: string, accepted: ReadonlyMap<number, number>): void {
  const { jobs, pipelines, artifacts } = readRows(state)
  const began = readFileSync(marks, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))

  // Nothing that was accepted is lost, and nothing is there twice.
  const roots = pipelines.filter(({ parentJobId }) => parentJobId === null)
  expect(roots.map(({ id }) => id)).toEqual(expect.arrayContaining([...accepted.keys()]))
  expect(new Set(pipelines.map(({ iid }) => iid)).size).toBe(pipelines.length)
  const bridges = pipelines.flatMap(({ parentJobId }) => parentJobId ?? [])
  expect(new Set(bridges).size).toBe(bridges.length)
  const ids = began.map(([, , id]) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  const mixed = began.filter(
    ([number, pipelineId]) => (accepted.get(Number(pipelineId)) ?? Number(number)) !== Number(number),
  )
  expect(mixed).toEqual([])

  // Everything has an end, and a reason for it.
  expect(pipelines.filter(({ status }) => !ENDED.includes(status))).toEqual([])
  expect(jobs.filter(({ status }) => !ENDED.includes(status))).toEqual([])
  const failed = jobs.filter(({ status, kind }) => status === 'failed' && kind === 'build')
  expect(failed.filter(({ reason }) => reason !== 'runner_system_failure')).toEqual([])
  expect(
    jobs.filter(
      ({ name, status, retried, attempt }) =>
        name === 'b' && status === 'failed' && retried === 0 && attempt < 3,
    ),
  ).toEqual([])
  for (const { id } of pipelines) {
    const names = jobs.filter((each) => each.pipelineId === id && each.retried === 0).map(({ name }) => name)
    expect([['a', 'b', 'c', 'd', 'kid'].join(), ['x', 'y'].join()]).toContain(names.toSorted().join())
  }

  // What a job left is what its row says.
  for (const { id, status, kind, traceSize, createdAt } of jobs) {
    if (status !== 'success' || kind !== 'build') continue
    expect(ids).toContain(String(id))
    const log = logOf(state, id, createdAt)
    expect(statSync(log).size).toBe(traceSize)
    expect(readFileSync(log, 'utf8')).toContain('Job succeeded')
  }
  const archives = new Set(artifacts.map(({ jobId }) => jobId))
  expect(
    jobs.filter(({ id, name, status }) => name === 'a' && status === 'success' && !archives.has(id)),
  ).toEqual([])
  expect(archives.size).toBe(artifacts.length)
  for (const { path } of artifacts) expect(existsSync(join(state, path))).toBe(true)
}
