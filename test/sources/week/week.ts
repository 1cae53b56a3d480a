// The week itself: a daemon, the repositories and the configuration that it serves, and the model that is told the same.
import Sqlite from 'better-sqlite3'
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeRepository, temporaryFolder, type TestRepository } from '../../support/git.ts'
import { startChild, type Child } from './child.ts'
import type { Status } from './daemon.ts'
import { instantsOf, makeModel, type Model, type ModelProject, type ModelSchedule } from './model.ts'
import { firstSettings, written, type ProjectEntry, type WeekSettings } from './settings.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** Half a minute from the instants of all schedules: what happens, happens between them. */
export const START = Date.parse('2026-03-28T20:00:30Z')
/** Nothing here takes this long; whoever waits longer waits in vain. */
const PATIENCE = 20_000

export interface PipelineRow {
  readonly id: number
  readonly projectId: number
  readonly iid: number
  readonly ref: string
  readonly tag: number
  readonly sha: string
  readonly source: string
  readonly sourceKey: string | null
  readonly status: string
  readonly createdAt: number
  readonly finishedAt: number | null
}

export interface Repository extends TestRepository {
  readonly name: string
  /** Branches that were made besides main. */
  readonly branches: string[]
  readonly tags: string[]
}

export interface Week {
  readonly folder: string
  readonly state: string
  readonly config: string
  readonly model: Model
  readonly settings: WeekSettings
  readonly repositories: ReadonlyMap<number, Repository>
  /** Every pipeline that was ever seen, as it was last seen, by id. */
  readonly seen: Map<number, PipelineRow>
  /** How often the daemon was killed. */
  kills: number
  /** Commits that ask for no jobs, and commits whose configuration is wrong. */
  readonly skipped: Set<string>
  readonly broken: Set<string>
  now(): number
  project(id: number): ModelProject
  entry(id: number): ProjectEntry
  /** Lets time pass; `now` is this instant afterwards. */
  goTo(at: number): Promise<void>
  /** Lets minutes pass until nothing is due in the next ones. */
  goToPause(): Promise<void>
  /** Waits until all that has happened was seen, and tells the model. */
  settle(): Promise<void>
  /** Puts the settings into the file; `how` they come to be known. */
  configure(how: 'reload' | 'watched' | 'restart', change: (settings: WeekSettings) => void): Promise<void>
  /** An invalid file, until it is configured again. */
  spoil(text: string): Promise<void>
  /** The machine sleeps, or its clock is corrected. */
  setClock(ms: number): Promise<void>
  stop(): Promise<void>
  /** As if it had been off until now. */
  start(): Promise<void>
  /** Kills it at its nth commit from now, while `work` goes on, or at the end of that. */
  kill(commits: number, when: 'inside' | 'after', work: (child: Child) => Promise<unknown>): Promise<void>
  /** The next instant at which something is due, half a minute before. */
  beforeNextDue(): number
  child(): Child
  api(method: string, path: string, body?: Record<string, unknown>): Promise<Response>
  trigger(projectId: number, token: string): Promise<number>
  move(id: number, how: 'away' | 'back'): void
  addSchedule(schedule: Omit<ModelSchedule, 'cursor' | 'must' | 'may' | 'active' | 'id'>): Promise<void>
  rows<T>(sql: string): T[]
}

const CI_APP = `build: {script: make, artifacts: {paths: [out.txt], expire_in: 1 day}}
check: {stage: test, script: make, needs: [build]}
deploy: {stage: deploy, needs: [], rules: [{if: $CI_COMMIT_TAG}], trigger: {project: group/deploy}}
`
const CI = 'build: {script: make, artifacts: {paths: [out.txt], expire_in: 12 hours}}\n'
const NAMES = ['app', 'site', 'deploy', 'gone', 'new']

/** Thousands of waits for a disk would say nothing: the power stays on in this week, and what a kill leaves is the same in memory. */
const MEMORY = '/dev/shm'

export async function makeWeek(): Promise<Week> {
  const folder = temporaryFolder('sluice-week-', existsSync(MEMORY) ? MEMORY : undefined)
  const [state, config] = [join(folder, 'state'), join(folder, 'runner.config.yaml')]
  const place = (name: string): string => join(folder, name)
  const repositories = new Map(
    NAMES.map((name, index): [number, Repository] => {
      const repository = makeRepository({
        folder: place(name),
        files: { '.gitlab-ci.yml': name === 'app' ? CI_APP : CI, name },
      })
      return [index + 1, { ...repository, name, branches: [], tags: [] }]
    }),
  )
  const settings = firstSettings(place)
  const model = makeModel()
  const seen = new Map<number, PipelineRow>()
  let wall = START
  /** With the moments that somebody has waited. */
  let exact = START
  let child: Child | undefined
  let token = ''
  let database: Sqlite.Database | undefined

  for (const id of repositories.keys())
    model.projects.set(id, {
      id,
      served: false,
      present: true,
      watch: undefined,
      known: undefined,
      pushes: [],
      triggered: 0,
      downstream: 0,
    })

  const project = (id: number): ModelProject => {
    const found = model.projects.get(id)
    if (!found) throw new Error(`there is no project ${id}`)
    return found
  }
  const running = (): Child => {
    if (!child) throw new Error('the daemon is off')
    return child
  }
  const rows = <T>(sql: string): T[] => {
    database ??= new Sqlite(join(state, 'sluice.db'), { readonly: true })
    return database.prepare<[], T>(sql).all()
  }

  function refsOf(id: number): Map<string, string> {
    const listed = repositories
      .get(id)
      ?.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags')
    return new Map(
      (listed ?? '').split('\n').flatMap((line): [string, string][] => {
        const [name, sha] = line.split(' ')
        return name !== undefined && sha !== undefined ? [[name, sha]] : []
      }),
    )
  }

  async function until(what: () => string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE
    while (!(await isTrue())) {
      if (performance.now() > end) {
        const { notices } = await running().status()
        throw new Error(`waited in vain: ${what()}; ${notices.slice(-5).join('; ')}`)
      }
      await sleep(5)
      await running().ask({ do: 'moment' })
    }
  }

  function watchedRefs(id: number): Map<string, string> {
    const listed = rows<{ name: string; sha: string }>(
      `select name, sha from watched_refs where project_id = ${id} and sha is not null`,
    )
    return new Map(listed.map(({ name, sha }) => [name, sha]))
  }

  /** What git wrote was written at the time of the real clock: give it that of the week, and each time another one. */
  const stamped = new Map<string, number>()
  function stampRefs(gitDir: string): void {
    if (!existsSync(gitDir)) return
    const below = readdirSync(join(gitDir, 'refs'), { recursive: true, withFileTypes: true })
    const folders = below.filter((each) => each.isDirectory()).map((each) => join(each.parentPath, each.name))
    for (const path of [...folders, join(gitDir, 'packed-refs'), join(gitDir, 'HEAD')]) {
      const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs
      if (changed === undefined || stamped.get(path) === changed) continue
      const at = Math.floor((wall + ++stamps) / 1000 - 10) + (stamps % 1000) / 1000
      utimesSync(path, at, at)
      stamped.set(path, statSync(path).mtimeMs)
    }
  }
  let stamps = 0

  const asksForJobs = (sha: string): boolean => !week.skipped.has(sha) && !week.broken.has(sha)

  const isSame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
    one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)

  function readSeen(): void {
    const open = [...seen.values()].filter((row) => row.finishedAt === null).map(({ id }) => id)
    const last = Math.max(0, ...seen.keys())
    const listed = rows<PipelineRow>(
      `select id, project_id as projectId, iid, ref, tag, sha, source, source_key as sourceKey, status, created_at as createdAt,
         finished_at as finishedAt from pipelines where id > ${last} or id in (${open.join()})`,
    )
    for (const row of listed) seen.set(row.id, row)
  }

  /** The rows of schedules that the model knows by their description. */
  function readSchedules(): void {
    for (const { id, projectId, description } of rows<{
      id: number
      projectId: number
      description: string
    }>('select id, project_id as projectId, description from schedules')) {
      const known = model.schedules.get(`${projectId}/${description}`)
      if (known) known.id ??= id
    }
  }

  async function settle(): Promise<void> {
    for (const { gitDir } of repositories.values()) stampRefs(gitDir)
    for (const each of model.projects.values()) {
      if (!each.served || !each.present || !each.watch) continue
      const refs = refsOf(each.id)
      const tags = [...refs.keys()].filter((ref) => ref.startsWith('refs/tags/'))
      const tagsBefore = each.known
      await until(
        () => `project ${each.id} to be seen: ${JSON.stringify([[...refs], [...watchedRefs(each.id)]])}`,
        () => isSame(refs, watchedRefs(each.id)),
      )
      // A tag of the app starts a pipeline in the project that is deployed.
      if (each.id === 1 && tagsBefore)
        project(3).downstream += tags.filter(
          (tag) => tagsBefore.get(tag) !== refs.get(tag) && asksForJobs(refs.get(tag) ?? ''),
        ).length
      model.look(each, refs)
    }
    const { now } = (await running().ask({ do: 'quiet' })) as Status
    exact = now
    readSeen()
    readSchedules()
  }

  async function minutes(count: number): Promise<void> {
    const now = await running().ask({ do: 'minutes', count })
    for (let minute = 0; minute < count; minute++) {
      model.tick(wall + MINUTE / 2)
      wall += MINUTE
    }
    if (now !== wall) throw new Error(`the clocks differ: ${String(now)}, ${wall}`)
  }

  /** What the settings say, for the model. */
  function applySettings(): void {
    const entries = new Map(settings.projects.map((each) => [each.id, each]))
    for (const each of model.projects.values()) {
      const entry = entries.get(each.id)
      each.served = entry !== undefined
      if (!entry) continue
      each.watch = watchOf(entry)
      // What is watched anew begins with what is there.
      if (!each.watch) each.known = undefined
      applySchedules(entry)
    }
    model.miaMay = settings.users.some(({ projects }) => Object.keys(projects).length > 0)
  }

  function applySchedules({ id, schedules }: ProjectEntry): void {
    const wanted = new Map(schedules.map((each) => [`${id}/${each.description}`, each]))
    for (const [key, known] of model.schedules)
      if (known.projectId === id && declared.has(key) && !wanted.has(key)) {
        model.removed.push(known)
        model.schedules.delete(key)
        declared.delete(key)
      }
    for (const [key, { description, cron, timezone, missed, active }] of wanted) {
      const known = model.schedules.get(key)
      if (!known) {
        declared.add(key)
        model.schedules.set(key, {
          projectId: id,
          description,
          cron,
          timezone,
          missed,
          active,
          owner: 'root',
          cursor: wall,
          id: undefined,
          must: new Set(),
          may: new Set(),
        })
        continue
      }
      if (known.cron !== cron || known.timezone !== timezone || (active && !known.active)) known.cursor = wall
      Object.assign(known, { cron, timezone, missed, active })
    }
  }

  /** The schedules of the file, as opposed to those that were made through the API. */
  const declared = new Set<string>()

  async function start(): Promise<void> {
    applySettings()
    child = await startChild({ config, state, now: Math.max(wall, exact) })
    token = readFileSync(join(state, 'access-token'), 'utf8').trim()
    model.tick(wall)
    await settle()
  }

  async function stop(): Promise<void> {
    await running().ask({ do: 'stop' })
    child = undefined
  }

  const week: Week = {
    folder,
    state,
    config,
    model,
    settings,
    repositories,
    seen,
    kills: 0,
    skipped: new Set(),
    broken: new Set(),
    now: () => wall,
    project,
    entry(id) {
      const found = settings.projects.find((each) => each.id === id)
      if (!found) throw new Error(`project ${id} is not in the settings`)
      return found
    },
    child: running,
    rows,
    settle,
    start,
    stop,
    async goTo(at) {
      const count = Math.max(0, Math.round((at - wall) / MINUTE))
      if (child && count > 0) {
        await minutes(count)
        readSeen()
      } else wall += count * MINUTE
    },
    async goToPause() {
      while (model.isDue(wall, wall + 3 * MINUTE)) await minutes(1)
    },
    async configure(how, change) {
      if (how !== 'restart') await week.goToPause()
      change(settings)
      await take(how, written(settings), 'taken')
      if (how !== 'restart') {
        applySettings()
        await settle()
      }
    },
    async spoil(text) {
      await week.goToPause()
      await take('watched', text, 'refused')
      await settle()
    },
    async setClock(ms) {
      wall += ms
      exact = wall
      await running().ask({ do: 'set', ms })
    },
    async kill(commits, when, work) {
      const killed = running()
      child = undefined
      await killed.ask({ do: 'die', commits, when })
      await work(killed).catch((error: unknown) => {
        if (!killed.isDead()) throw error
      })
      await killed.kill()
      week.kills++
    },
    beforeNextDue() {
      const next = [...model.schedules.values()]
        .filter(({ active, projectId }) => active && project(projectId).served)
        .flatMap((schedule) => instantsOf(schedule, wall, wall + DAY).slice(0, 1))
      return Math.min(...next) - MINUTE / 2
    },
    api: (method, path, body) =>
      fetch(`${running().first.url}/api/v4${path}`, {
        method,
        headers: { 'PRIVATE-TOKEN': token, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    async trigger(projectId, secret) {
      const body = new URLSearchParams({ token: secret, ref: 'main' })
      const url = `${running().first.url}/api/v4/projects/${projectId}/trigger/pipeline`
      const answer = await fetch(url, { method: 'POST', body })
      await answer.arrayBuffer()
      if (answer.status === 201) project(projectId).triggered++
      await settle()
      return answer.status
    },
    move(id, how) {
      const { root } = repositories.get(id) ?? { root: '' }
      const aside = `${root}.away`
      if (how === 'away') renameSync(root, aside)
      else renameSync(aside, root)
      project(id).present = how === 'back'
    },
    async addSchedule({ projectId, description, cron, timezone, missed, owner }) {
      await week.goToPause()
      const given = { projectId, description, cron, timezone, missed, owner }
      const id = Number(await running().ask({ do: 'schedule', ...given }))
      model.schedules.set(`${projectId}/${description}`, {
        ...given,
        active: true,
        cursor: wall,
        id,
        must: new Set(),
        may: new Set(),
      })
    },
  }

  async function take(
    how: 'reload' | 'watched' | 'restart',
    text: string,
    counter: 'taken' | 'refused',
  ): Promise<void> {
    if (how === 'restart') return writeFileSync(config, text)
    const before = (await running().status())[counter]
    writeFileSync(config, text)
    if (how === 'reload') await running().ask({ do: 'reload' })
    else await minutes(1)
    await until(
      () => `the configuration to be ${counter}`,
      async () => (await running().status())[counter] > before,
    )
  }

  writeFileSync(config, written(settings))
  if (!existsSync(config)) throw new Error('there is no configuration')
  await start()
  return week
}

/** What the documentation says of `watch:`. */
function watchOf({ watch }: ProjectEntry): ((ref: string) => boolean) | undefined {
  if (watch === false) return undefined
  if (Array.isArray(watch)) return () => true
  const { branches } = watch as { branches: readonly string[] }
  return (ref) => {
    const name = ref.slice('refs/heads/'.length)
    return (
      ref.startsWith('refs/heads/') &&
      branches.some((pattern) =>
        pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
      )
    )
  }
}
