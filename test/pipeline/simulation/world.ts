// One simulated machine: the real engine on a real store, a puppet for a runner, time and turns in the simulator's hands.
import type { JobUpdate } from '../../../src/model/coordinator.ts'
import { DEFAULT_LIMITS } from '../../../src/model/limits.ts'
import type { Project } from '../../../src/model/project.ts'
import { createEngine } from '../../../src/pipeline/create-engine.ts'
import type { Engine } from '../../../src/pipeline/engine.ts'
import type { CompileRequest } from '../../../src/compile/compile.ts'
import type { PipelineOutcome } from '../../../src/compile/compiler.ts'
import type { ProcessMode } from '../../../src/store/resource-groups.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { command, memoryRepository } from '../../support/engine.ts'
import { makeAudit, Violation, type Audit, type Cause } from './audit.ts'
import { mortalStore, ProcessDied, type MortalStore } from './mortal-store.ts'
import { openRows, type JobRow, type Rows } from './rows.ts'
import { toPlan, type PlanSpec } from './specs.ts'
import type { Turns } from './turns.ts'
import { virtualClock } from './virtual-clock.ts'

const RUNNER = { name: 'puppet', tags: [], runUntagged: true }
const PROJECT: Project = {
  id: 9,
  name: 'group/app',
  path: '/memory',
  repository: '/memory',
  defaultBranch: 'main',
  variables: [],
  configPath: '.gitlab-ci.yml',
  createdAt: 0,
}

/** A database that is used for one world after the other. */
export interface Machine {
  readonly real: Store
  readonly rows: Rows
  close(): void
}

export function makeMachine(stateDir: string): Machine {
  const real = openStore(stateDir, { powerSafe: false })
  real.users.put({ username: 'root', name: 'Root', email: 'root@example.test' })
  real.projects.put({ id: 9, name: PROJECT.name, path: PROJECT.path, defaultBranch: 'main' }, 0)
  const rows = openRows(stateDir)
  return {
    real,
    rows,
    close() {
      rows.close()
      real.close()
    },
  }
}

export interface World {
  readonly audit: Audit
  readonly log: string[]
  /** Jobs that the puppet has in hand. */
  readonly held: ReadonlyMap<number, string>
  start(plan: string, newCommit: boolean): Promise<void>
  /** False: there is nothing to do. */
  take(): Promise<boolean>
  end(jobId: number, update: JobUpdate): Promise<void>
  person(verb: string, job: JobRow): Promise<void>
  retryPipeline(pipelineId: number): Promise<void>
  cancelPipeline(pipelineId: number): Promise<void>
  setMode(group: string, mode: ProcessMode): Promise<void>
  wait(ms: number): Promise<void>
  setClock(ms: number): Promise<void>
  /** One thing that was put off. */
  turn(pick: number): Promise<boolean>
  /** All of them; then everything must be as it should. */
  rest(): Promise<void>
  crashAt(commits: number, when: 'before' | 'after'): void
  crash(): Promise<void>
  readonly crashes: () => number
  finish(): void
}

export async function makeWorld(machine: Machine, plans: readonly PlanSpec[], turns: Turns): Promise<World> {
  const { real, rows } = machine
  rows.wipe()
  turns.drop()
  const clock = virtualClock()
  const byKey = new Map(plans.map((plan) => [plan.key, plan]))
  const compiled = new Map(plans.map((plan) => [plan.key, toPlan(plan)]))
  const log: string[] = []
  const handed = new Set<number>()
  const problems: string[] = []
  let commit = 0
  let broken: Error | undefined
  let crashes = -1
  let mortal: MortalStore
  let engine: Engine
  let held = new Map<number, string>()
  const shaOf = (number: number): string => String(number).padStart(40, 'a')
  const audit = makeAudit({
    rows,
    plans: byKey,
    now: () => clock.now(),
    wasSet: clock.wasSet,
    head: () => shaOf(commit),
  })
  const repository = {
    ...memoryRepository({}),
    resolveRef: () => Promise.resolve({ name: 'main', tag: false, sha: shaOf(commit), tagMessage: null }),
  }

  function compile(request: CompileRequest): Promise<PipelineOutcome> {
    const local = request.childIncludes?.[0]?.['local']
    const plan = compiled.get(typeof local === 'string' ? local : request.configPath)
    if (!plan) throw new Error(`there is no plan ${request.configPath}`)
    return Promise.resolve({
      kind: 'plan',
      plan,
      warnings: [],
      sources: new Map(),
      configSha256: 'c',
      predefined: [],
      projectVariables: [],
    } as unknown as PipelineOutcome)
  }

  function committed(): void {
    try {
      audit.look()
    } catch (error) {
      // Not into the engine, which could live on it.
      broken ??= asError(error)
    }
  }

  function boot(): Engine {
    crashes++
    clock.dropTimers()
    turns.drop()
    held = new Map()
    audit.asking = 0
    const processId = real.processes.add(
      { kind: 'serve', pid: 2 ** 22 + crashes, pidStart: 'simulated', bootId: 'simulated' },
      clock.now(),
    )
    // Its timers and loops end with it.
    const life = mortalStore(real, committed, () => engine.stop())
    mortal = life
    const made = createEngine({
      store: life.store,
      clock,
      processId,
      projects: {
        find: () => PROJECT,
        named: () => PROJECT,
        refresh: () => Promise.resolve(),
        repository: () => repository,
      },
      mirrors: { path: () => '/memory', prepare: () => Promise.resolve() },
      server: () => ({ url: 'http://127.0.0.1:8929', version: '18.5.0' }),
      compiler: { compile },
      // There are no processes, so nobody has to be looked for.
      killMarked: () => undefined,
      limits: DEFAULT_LIMITS,
      jobTimeout: 3600,
      notice: (text) => {
        if (!life.isDead()) problems.push(text)
      },
    })
    engine = made
    made.events.on((event) => {
      if (!life.isDead()) audit.announced(event)
    })
    return made
  }

  /** Does something under a cause, lets everything settle that needs no further turn, and starts again if the process died of it. */
  async function deed(cause: Cause, text: string, work: () => unknown): Promise<void> {
    log.push(text)
    audit.cause = cause
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error
    }
    await turns.settle()
    await restartIfDead()
    audit.cause = { by: 'nobody' }
    if (broken) throw broken
    const [problem] = problems
    if (problem !== undefined) throw new Violation(`notice: ${problem}`)
  }

  async function restartIfDead(): Promise<void> {
    while (mortal.isDead()) {
      log.push('  the process dies')
      await restart()
    }
  }

  async function restart(): Promise<void> {
    audit.forgetAnnouncements()
    boot()
    audit.cause = { by: 'recovery' }
    try {
      engine.recover('serve')
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error
      return
    }
    await turns.settle()
  }

  async function person(
    verb: string,
    { id, pipelineId }: { readonly id: number | null; readonly pipelineId: number },
    work: () => unknown,
  ): Promise<void> {
    for (let next = audit.picture().pipelines.get(pipelineId); next;) {
      audit.touched.add(next.id)
      const parent: JobRow | undefined =
        next.parentJobId === null ? undefined : audit.picture().jobs.get(next.parentJobId)
      next = parent && audit.picture().pipelines.get(parent.pipelineId)
    }
    await deed(
      { by: 'person', verb, jobId: id, pipelineId },
      `${verb} ${id === null ? `pipeline ${pipelineId}` : `job ${id}`}`,
      work,
    )
  }

  /** What is asked for and not waited for: its answer may need turns. */
  function unawaited<T>(promise: Promise<T>, then: (value: T) => void): void {
    const life = mortal
    promise.then(then, (error: unknown) => {
      if (!life.isDead()) broken ??= asError(error)
    })
  }

  boot().recover('serve')
  await turns.settle()
  return {
    audit,
    log,
    get held() {
      return held
    },
    start: (plan, newCommit) =>
      deed({ by: 'nobody' }, `new pipeline of ${plan}${newCommit ? ' at a new commit' : ''}`, () => {
        if (newCommit) commit++
        const checkout = {
          kind: 'commit',
          ref: 'main',
          tag: false,
          sha: shaOf(commit),
          snapshotSha: null,
          beforeSha: shaOf(0),
        } as const
        unawaited(engine.create({ ...command, source: 'push', checkout, configPath: plan }), (result) => {
          if (result.kind === 'created') log.push(`  it is pipeline ${result.pipelineId}`)
          else broken ??= new Violation(`no pipeline: ${JSON.stringify(result)}`)
        })
      }),
    async take() {
      const [before, lives] = [held.size, crashes]
      await deed({ by: 'nobody' }, 'a runner asks', () => {
        const mine = held
        audit.asking++
        unawaited(engine.coordinator.requestJob(RUNNER), (payload) => {
          audit.asking--
          if (!payload) return
          if (handed.has(payload.id)) broken ??= new Violation(`job ${payload.id} was handed out twice`)
          handed.add(payload.id)
          mine.set(payload.id, payload.token)
          log.push(`  gets job ${payload.id} ${payload.job_info.name}`)
        })
      })
      return held.size > before || crashes > lives
    },
    async end(jobId, update) {
      const token = held.get(jobId)
      if (token === undefined) return
      held.delete(jobId)
      const [reason, exitCode] = update.state === 'failed' ? [update.reason, update.exitCode] : ['', null]
      const row = audit.picture().jobs.get(jobId)
      await deed(
        { by: 'runner', jobId, state: update.state, reason, exitCode },
        `job ${jobId} ends: ${update.state} ${reason} ${exitCode ?? ''}`,
        () =>
          unawaited(engine.coordinator.updateJob(token, update), (answer) => {
            const expected = row?.status === 'running' ? 'accepted' : 'canceled'
            if (answer !== expected)
              broken ??= new Violation(`the end of job ${jobId}, ${row?.status}, was answered ${answer}`)
          }),
      )
    },
    person: (verb, job) =>
      person(verb === 'force' ? 'cancel' : verb, job, () => {
        const by = { userId: 1 }
        const { verbs } = engine
        switch (verb) {
          case 'play':
            return verbs.play(job.id, by)
          case 'retry':
            return verbs.retry(job.id, by)
          case 'unschedule':
            return verbs.unschedule(job.id)
          default:
            return verbs.cancel(job.id, { force: verb === 'force' })
        }
      }),
    retryPipeline: (pipelineId) =>
      person('retryPipeline', { id: null, pipelineId }, () =>
        engine.verbs.retryPipeline(pipelineId, { userId: 1 }),
      ),
    cancelPipeline: (pipelineId) =>
      person('cancelPipeline', { id: null, pipelineId }, () => engine.cancel(pipelineId)),
    setMode: (group, mode) =>
      deed({ by: 'nobody' }, `group ${group} is ${mode}`, () =>
        engine.resourceGroups.setMode(9, group, mode),
      ),
    wait: (ms) => deed({ by: 'nobody' }, `${ms / 1000} s pass`, () => clock.advance(ms)),
    setClock: (ms) => deed({ by: 'nobody' }, `the clock is set by ${ms / 1000} s`, () => clock.set(ms)),
    async turn(pick) {
      if (!turns.any()) return false
      await deed({ by: 'nobody' }, 'a turn', () => turns.run(pick))
      return true
    },
    async rest() {
      for (let count = 0; turns.any(); count++) {
        if (count > 1000) throw new Violation('there is always something to do')
        await deed({ by: 'nobody' }, 'a turn', () => turns.run(0))
      }
      audit.atRest()
    },
    crashAt(commits, when) {
      log.push(`it will die ${when} commit ${commits} from here`)
      mortal.dieAt(commits, when)
    },
    async crash() {
      log.push('the process is killed')
      mortal.die()
      await restartIfDead()
      audit.cause = { by: 'nobody' }
      if (broken) throw broken
    },
    crashes: () => crashes,
    finish() {
      if (!mortal.isDead()) engine.stop()
      turns.drop()
      for (const owner of real.processes.unended()) real.processes.end(owner.id, clock.now())
    },
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
