// What is true of a week's state folder at the end, and now and then in between. All of it is read from files and rows by SQL, nothing
// by code of ours.
import Sqlite from 'better-sqlite3'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect } from 'vitest'
import type { ModelSchedule } from './model.ts'
import { DAY, type PipelineRow, type Week } from './week.ts'

type Rows = <T>(sql: string) => T[]

/** Every row of these tables as text. */
export function dumpOf(rows: Rows, tables: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    tables.map((table) => [
      table,
      rows<Record<string, unknown>>(`select * from ${table}`)
        .map((row) =>
          JSON.stringify(row, (_key, value: unknown) =>
            value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
          ),
        )
        .toSorted(),
    ]),
  )
}

const WITHOUT_RESTORED = "name not like 'sqlite_%' and name not in ('processes', 'access_tokens')"

/** A state folder that was restored has the rows of the one that lives; who worked on it is gone, and so is its token. */
export function checkSameRows(restored: string, rows: Rows): void {
  const database = new Sqlite(join(restored, 'sluice.db'), { readonly: true })
  try {
    const tables = rows<{ name: string }>(
      `select name from sqlite_master where type = 'table' and ${WITHOUT_RESTORED}`,
    ).map(({ name }) => name)
    expect(tables.length).toBeGreaterThan(20)
    expect(dumpOf((sql) => database.prepare<[], never>(sql).all(), tables)).toEqual(dumpOf(rows, tables))
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  } finally {
    database.close()
  }
}

/** Of project 2, whose retention is two days, and two of each branch: what is too old is gone, and nothing else. */
export function checkRetention(week: Week): void {
  const there = new Set(week.rows<{ id: number }>('select id from pipelines').map(({ id }) => id))
  const tooOld: number[] = []
  const gone: number[] = []
  const branches = new Set(
    week.repositories.get(2)?.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n'),
  )
  const newer = new Map<string, number>()
  for (const row of [...week.seen.values()].toSorted((a, b) => b.id - a.id)) {
    if (!there.has(row.id)) gone.push(row.id)
    if (row.projectId !== 2) continue
    const count = newer.get(row.ref) ?? 0
    newer.set(row.ref, count + 1)
    const isKept = branches.has(row.ref) && count < 2
    if (row.finishedAt !== null && week.now() - row.finishedAt > 2 * DAY && !isKept) tooOld.push(row.id)
  }
  expect(gone).toEqual(tooOld)
}

/** All that must be true when the week is over and the daemon has ended. */
export function checkWeek(week: Week): void {
  const rows = [...week.seen.values()]
  checkSchedules(week, rows)
  checkRefs(week, rows)
  checkOthers(week, rows)
  checkNumbers(week, rows)
  checkStatuses(week, rows)
  checkDeclared(week)
  checkFiles(week)
  checkDatabase(week)
}

/** Exactly one pipeline for each instant that wants one, and none for others. */
function checkSchedules({ model }: Week, rows: readonly PipelineRow[]): void {
  const all: ModelSchedule[] = [...model.schedules.values(), ...model.removed]
  const wanted = all.flatMap(({ id, must }) => [...must].map((at) => `schedule:${id}:${at / 1000}`))
  const possible = new Set(all.flatMap(({ id, may }) => [...may].map((at) => `schedule:${id}:${at / 1000}`)))
  const made = rows.filter(({ source }) => source === 'schedule').map(({ sourceKey }) => sourceKey ?? '')
  const name = (key: string): string => {
    const [, id, at] = key.split(':')
    const description = all.find((each) => String(each.id) === id)?.description
    return `${description} at ${new Date(Number(at) * 1000).toISOString()}`
  }
  const kept = new Set(made)
  const asked = new Set([...wanted, ...possible])
  expect({
    missing: wanted.filter((key) => !kept.has(key)).map(name),
    unwanted: made.filter((key) => !asked.has(key)).map(name),
    double: made.filter((key, index) => made.indexOf(key) !== index).map(name),
  }).toEqual({ missing: [], unwanted: [], double: [] })
  expect(made.length).toBeGreaterThan(500)
}

/** Exactly one pipeline for each tip that wants one. */
function checkRefs({ model }: Week, rows: readonly PipelineRow[]): void {
  for (const { id, pushes } of model.projects.values()) {
    const made = rows
      .filter(({ projectId, source }) => projectId === id && source === 'push')
      .map(({ tag, ref, sha }) => `refs/${tag === 1 ? 'tags' : 'heads'}/${ref} ${sha}`)
    expect([id, made.toSorted()]).toEqual([id, pushes.toSorted()])
  }
}

function checkOthers({ model }: Week, rows: readonly PipelineRow[]): void {
  for (const { id, triggered, downstream } of model.projects.values()) {
    const count = (source: string): number =>
      rows.filter((row) => row.projectId === id && row.source === source).length
    expect([id, count('trigger'), count('pipeline')]).toEqual([id, triggered, downstream])
  }
  expect([...new Set(rows.map(({ source }) => source))].toSorted()).toEqual([
    'pipeline',
    'push',
    'schedule',
    'trigger',
  ])
}

/** Numbers grow without a gap, but for one that a killed daemon had just taken. */
function checkNumbers({ kills }: Week, rows: readonly PipelineRow[]): void {
  let gaps = 0
  for (const project of new Set(rows.map(({ projectId }) => projectId))) {
    const numbers = rows.filter(({ projectId }) => projectId === project).map(({ iid }) => iid)
    expect(new Set(numbers).size).toBe(numbers.length)
    gaps += Math.max(...numbers) - numbers.length
  }
  expect(gaps).toBeLessThanOrEqual(kills)
}

/** Everything has ended; what asked for no jobs was skipped, and what was wrong has failed. */
function checkStatuses({ skipped, broken }: Week, rows: readonly PipelineRow[]): void {
  expect(rows.filter(({ finishedAt }) => finishedAt === null)).toEqual([])
  const wrong = rows.filter(({ source, sha, status }) => {
    const pushed = source === 'push'
    if (pushed && broken.has(sha)) return status !== 'failed'
    if (pushed && skipped.has(sha)) return status !== 'skipped'
    return !['success', 'failed'].includes(status)
  })
  expect(wrong).toEqual([])
  expect(rows.filter(({ createdAt, finishedAt }) => (finishedAt ?? 0) < createdAt)).toEqual([])
}

/** What the file declares is what the rows say, and what was revoked stays so. */
function checkDeclared({ rows, settings }: Week): void {
  const schedules = rows<{ projectId: number; text: string }>(
    `select project_id as projectId, json_array(description, cron, timezone, missed, active, iif(owner_id = 1, 'root', owner_id)) as text
     from schedules where declared_key is not null`,
  ).map(({ projectId, text }) => `${projectId} ${text}`)
  const wanted = settings.projects.flatMap(({ id, schedules: entries }) =>
    entries.map(
      (each) =>
        `${id} ${JSON.stringify([each.description, each.cron, each.timezone, each.missed, Number(each.active), 'root'])}`,
    ),
  )
  expect(schedules.toSorted()).toEqual(wanted.toSorted())
  const triggers = rows<{ description: string; revoked: number; withdrawn: number }>(
    'select description, revoked_at is not null as revoked, withdrawn_at is not null as withdrawn from triggers order by id',
  )
  expect(triggers).toEqual([
    { description: 'bot', revoked: 1, withdrawn: 0 },
    { description: 'deployer', revoked: 0, withdrawn: 0 },
  ])
}

/** The folders hold what the rows name, and nothing else. */
function checkFiles({ state, rows }: Week): void {
  const jobs = rows<{ id: number; createdAt: number; size: number; kind: string; status: string }>(
    'select id, created_at as createdAt, trace_size as size, kind, status from jobs',
  )
  const logs = jobs.filter(({ size }) => size > 0)
  const logOf = ({ id, createdAt }: { id: number; createdAt: number }): string => {
    const [year = '', month = ''] = new Date(createdAt).toISOString().split('-')
    return join('traces', year, month, `${id}.log`)
  }
  expect(below(state, 'traces', 3)).toEqual(logs.map(logOf).toSorted())
  for (const log of logs) expect(statSync(join(state, logOf(log))).size).toBe(log.size)

  const artifacts = rows<{ path: string }>('select path from artifacts').map(({ path }) => path)
  expect(below(state, 'artifacts', 3)).toEqual(artifacts.toSorted())
  expect(artifacts.length).toBeGreaterThan(20)
  for (const folder of readdirSync(state)) expect([folder, folder.endsWith('.part')]).toEqual([folder, false])
  // What a runner was about to hand over when it was killed.
  expect(existsSync(join(state, 'tmp')) ? below(state, 'tmp', 2) : []).toEqual([])
}

/** What lies so many folders below one, relative to the state folder. */
function below(state: string, folder: string, depth: number): string[] {
  const names = readdirSync(join(state, folder)).map((name) => join(folder, name))
  if (depth === 1) return names.map((path) => relative(state, join(state, path))).toSorted()
  return names.flatMap((path) => below(state, path, depth - 1)).toSorted()
}

/** No row is lost but what retention was told to remove, and the file is whole. */
function checkDatabase(week: Week): void {
  checkRetention(week)
  const { rows, state, kills } = week
  const orphans = rows<{ table: string }>(
    `select 'jobs' as "table" from jobs where pipeline_id not in (select id from pipelines)
     union all select 'artifacts' from artifacts where job_id not in (select id from jobs)`,
  )
  expect(orphans).toEqual([])
  const counts = rows<{ project: number; jobs: number; count: number }>(
    `select project_id as project, jobs, count(*) as count from (
       select p.id, p.project_id, (select count(*) from jobs where pipeline_id = p.id and retried = 0) as jobs
       from pipelines p where p.status <> 'skipped' and p.config_error is null) group by 1, 2`,
  )
  for (const { project, jobs } of counts)
    expect([project, project === 1 ? [2, 3] : [1]]).toEqual([project, expect.arrayContaining([jobs])])
  expect(rows('select id from pipelines where removing = 1')).toEqual([])
  expect(rows('select id from processes where ended_at is null')).toEqual([])
  expect(rows('select id from processes').length).toBeGreaterThan(kills)
  const database = new Sqlite(join(state, 'sluice.db'))
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(database.pragma('foreign_key_check')).toEqual([])
  database.close()
}
