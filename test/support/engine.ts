import { expect, onTestFinished } from 'vitest'
import type { CreatePipelineCommand } from '../../src/model/command.ts'
import type { JobUpdate } from '../../src/model/coordinator.ts'
import { DEFAULT_LIMITS, type EngineLimits } from '../../src/model/limits.ts'
import type { JobPayload } from '../../src/model/payload.ts'
import type { Project } from '../../src/model/project.ts'
import { createEngine } from '../../src/pipeline/create-engine.ts'
import type { Engine } from '../../src/pipeline/engine.ts'
import type { Clock } from '../../src/platform/clock.ts'
import type { GitRepository } from '../../src/platform/git.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { temporaryFolder } from './state-folder.ts'

/** Time that stands still until a test moves it. */
export interface FrozenClock extends Clock {
  advance(ms: number): void
  /** Sets the clock on the wall forward or back, as a person or a time server does; timers do not notice. */
  set(ms: number): void
}

export function frozenClock(start = Date.UTC(2026, 10, 22, 12)): FrozenClock {
  let now = start
  let wasSetBy = 0
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => now + wasSetBy,
    monotonic: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    advance(ms) {
      now += ms
      const due = timers.filter((timer) => timer.at <= now)
      timers = timers.filter((timer) => timer.at > now)
      for (const { run } of due) run()
    },
    set: (ms) => void (wasSetBy += ms),
  }
}

export const SHA = 'a'.repeat(40)

/** A repository of one commit whose files a test gives; branches `main`, `both`; tags `v1`, `both`. */
export function memoryRepository(files: Readonly<Record<string, string>>): GitRepository {
  const branches = ['main', 'feature/x', 'both']
  const tags = ['v1', 'both']
  return {
    gitDir: '/memory',
    resolveRef(name) {
      const short = name.replace(/^refs\/(heads|tags)\//, '')
      const branch = branches.includes(short) && !name.startsWith('refs/tags/')
      const tag = tags.includes(short) && !name.startsWith('refs/heads/')
      if (branch && tag) return Promise.resolve('ambiguous')
      if (!branch && !tag) return Promise.resolve('not_found')
      return Promise.resolve({ name: short, tag, sha: SHA, tagMessage: null })
    },
    resolveRevision: () => Promise.resolve(SHA),
    readFile(_sha, path) {
      const text = files[path]
      return Promise.resolve(
        text === undefined ? undefined : { blobId: `${path}:${text}`, bytes: Buffer.from(text) },
      )
    },
    commit: () =>
      Promise.resolve({
        sha: SHA,
        parents: [],
        message: 'A commit\n',
        authorName: 'Ann',
        authorEmail: 'ann@example.test',
        authoredAt: '2026-11-22T12:00:00+00:00',
        committerName: 'Ann',
        committerEmail: 'ann@example.test',
        committedAt: '2026-11-22T12:00:00+00:00',
      }),
    refs: () => Promise.resolve(branches.map((name) => ({ name, tag: false, sha: SHA }))),
    treePaths: () => Promise.resolve(Object.keys(files)),
    changedPaths: () => Promise.resolve([]),
    close: () => undefined,
  }
}

export interface TestEngine {
  readonly engine: Engine
  readonly store: Store
  readonly clock: FrozenClock
  readonly processId: number
  /** Creates a pipeline on `main` and waits until its first jobs may run. */
  create(more?: Partial<CreatePipelineCommand>): Promise<number>
  /** Job name to status of the latest attempts. */
  statuses(pipelineId: number): Record<string, string>
  /** Takes the next job, which must be this one, and ends it. */
  finish(name: string, update?: JobUpdate): Promise<JobPayload>
  /** Takes the next job without ending it. */
  take(): Promise<JobPayload | undefined>
  /** What a person was told so far. */
  readonly notices: readonly string[]
}

const RUNNER = { name: 'puppet', tags: [], runUntagged: true }

/** The real engine over a real store in a folder of its own, with a puppet in place of the runner. */
export function testEngine(
  yaml: string,
  options: {
    repository?: GitRepository
    stateDir?: string
    processOf?: { pid: number; pidStart: string; bootId: string }
    /** Files of the project beside its CI file. */
    files?: Readonly<Record<string, string>>
    /** More served projects. */
    others?: readonly {
      readonly id: number
      readonly name: string
      readonly files: Readonly<Record<string, string>>
    }[]
    limits?: Partial<EngineLimits>
    hasRunner?: (projectId: number, tags: readonly string[]) => boolean
    unpin?: () => Promise<void>
  } = {},
): TestEngine {
  const stateDir = options.stateDir ?? temporaryFolder()
  const store = openStore(stateDir, { powerSafe: false })
  onTestFinished(() => store.close())
  const clock = frozenClock()
  const project: Project = {
    id: 9,
    name: 'group/app',
    path: '/memory',
    repository: '/memory',
    defaultBranch: 'main',
    variables: [],
    configPath: '.gitlab-ci.yml',
    createdAt: 0,
  }
  store.users.put({ username: 'root', name: 'Root', email: 'root@example.test' })
  store.projects.put({ id: 9, name: project.name, path: project.path, defaultBranch: 'main' }, clock.now())
  const processId = store.processes.add(
    { kind: 'serve', ...(options.processOf ?? { pid: process.pid, pidStart: 'x', bootId: 'y' }) },
    clock.now(),
  )
  const repository = options.repository ?? memoryRepository({ '.gitlab-ci.yml': yaml, ...options.files })
  const served = new Map([[9, { project, repository }]])
  for (const { id, name, files } of options.others ?? []) {
    store.projects.put({ id, name, path: '/memory', defaultBranch: 'main' }, clock.now())
    served.set(id, { project: { ...project, id, name }, repository: memoryRepository(files) })
  }
  const notices: string[] = []
  const engine = createEngine({
    store,
    clock,
    processId,
    projects: {
      find: (id) => served.get(id)?.project,
      named: (fullPath) => [...served.values()].find((each) => each.project.name === fullPath)?.project,
      refresh: () => Promise.resolve(),
      repository: ({ id }) => served.get(id)?.repository ?? repository,
    },
    mirrors: {
      path: () => '/memory',
      prepare: () => Promise.resolve(),
      ...(options.unpin ? { unpin: options.unpin } : {}),
    },
    server: () => ({ url: 'http://127.0.0.1:8929', version: '18.5.0' }),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    ...(options.hasRunner ? { hasRunner: options.hasRunner } : {}),
    jobTimeout: 3600,
    notice: (text) => void notices.push(text),
  })

  onTestFinished(() => {
    expect(notices.filter((text) => text.includes('failed'))).toEqual([])
  })
  const take = () => engine.coordinator.requestJob(RUNNER)
  return {
    engine,
    store,
    clock,
    processId,
    take,
    notices,
    async create(more = {}) {
      const result = await engine.create({ ...command, ...more })
      if (result.kind !== 'created') throw new Error(JSON.stringify(result))
      await new Promise((resolve) => setImmediate(resolve))
      return result.pipelineId
    },
    statuses: (pipelineId) =>
      Object.fromEntries(store.jobs.headsOf(pipelineId).map(({ name, status }) => [name, status])),
    async finish(name, update = { state: 'success' }) {
      const payload = await take()
      if (payload?.job_info.name !== name)
        throw new Error(`expected ${name}, got ${payload?.job_info.name ?? 'no job'}`)
      await engine.coordinator.updateJob(payload.token, update)
      return payload
    },
  }
}

export const command: CreatePipelineCommand = {
  projectId: 9,
  source: 'trigger',
  checkout: { kind: 'ref', ref: 'main' },
  variables: [],
  inputs: {},
  userId: 1,
  request: null,
  triggerId: null,
  sourceKey: null,
  saveInvalid: true,
  selection: null,
  configPath: null,
}

export const failed = (exitCode = 1): JobUpdate => ({ state: 'failed', reason: 'script_failure', exitCode })
