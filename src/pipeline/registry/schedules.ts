import { isDeepStrictEqual } from 'node:util'
import type { CreatePipelineCommand, CreatePipelineResult } from '../../model/command.ts'
import type { Schedule, ScheduleVariable } from '../../model/schedule.ts'
import { variable, type Variable } from '../../model/variable.ts'
import { stripCron } from '../../shared/cron/parse.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { EngineContext } from '../context.ts'
import {
  problem,
  validate,
  type ScheduleInput,
  type ScheduleProblem,
  type ScheduleProblems,
} from './schedule-input.ts'
import { nextRunOf } from './schedule-runs.ts'

/** A schedule of the configuration file. */
export interface DeclaredSchedule extends ScheduleInput {
  readonly variables: readonly ScheduleVariable[]
  /** `runner.config.yaml:12:7` */
  readonly at: string
}

/** What is done with schedules. Declared ones are the file's to change; callers refuse before they ask. */
export interface Schedules {
  create(
    projectId: number,
    input: ScheduleInput,
    ownerId: number,
  ): Promise<Result<Schedule, ScheduleProblems>>
  update(id: number, changes: Partial<ScheduleInput>): Promise<Result<Schedule, ScheduleProblems>>
  remove(id: number): void
  takeOwnership(id: number, userId: number): void
  setVariable(id: number, variable: ScheduleVariable): void
  removeVariable(id: number, key: string): boolean
  /**
   * Makes the declared schedules of a project those of the file. An unchanged expression keeps its next run. `others`: what
   * becomes of those that were declared before; they stay where some of the file could not be read.
   */
  declare(
    projectId: number,
    declared: readonly DeclaredSchedule[],
    ownerId: number,
    others?: 'removed' | 'kept',
  ): Promise<void>
  /** A pipeline now, as this user; the next run stays as it is. */
  play(id: number, userId: number): Promise<CreatePipelineResult>
  /** The pipelines of planned instants, once each whatever happens in between, and then what comes next. */
  run(schedule: Schedule, plan: PlannedRuns): Promise<void>
  /** Sets the next run anew: it was planned with a clock that was wrong. */
  replan(schedule: Schedule): void
}

/** Instants in milliseconds since the epoch. */
export interface PlannedRuns {
  /** Those that get a pipeline. */
  readonly instants: readonly number[]
  /** The newest instant that has passed, whether or not it gets one. */
  readonly last: number
  readonly next: number | null
  /** How many passed without a pipeline of their own. */
  readonly missed: number
}

export function makeSchedules(
  context: EngineContext,
  createPipeline: (command: CreatePipelineCommand) => Promise<CreatePipelineResult>,
): Schedules {
  const { store, clock, projects } = context

  function must(id: number): Schedule {
    const schedule = store.schedules.find(id)
    if (!schedule) throw new Error(`there is no schedule ${id}`)
    return schedule
  }

  /** GitLab: a short name is expanded when it is saved; one that is not there is kept as written. */
  async function fullRef(projectId: number, ref: string): Promise<Result<string, ScheduleProblem>> {
    const project = projects.find(projectId)
    if (!project || /^refs\/(heads|tags)\/\S/.test(ref)) return ok(ref)
    const found = await projects
      .repository(project)
      .resolveRef(ref)
      .catch(() => 'not_found' as const)
    if (found === 'ambiguous')
      return err(problem('ref', 'is ambiguous', `${ref} is a branch and a tag; write refs/heads/${ref}`))
    return ok(found === 'not_found' ? ref : `refs/${found.tag ? 'tags' : 'heads'}/${found.name}`)
  }

  async function checked(
    projectId: number,
    input: ScheduleInput,
  ): Promise<Result<ScheduleInput & { readonly nextRunAt: number | null }, ScheduleProblems>> {
    const cron = stripCron(input.cron)
    const wrong = validate({ ...input, cron })
    if (wrong.length > 0) return err(wrong)
    const ref = await fullRef(projectId, input.ref)
    if (!ref.ok) return err([ref.error])
    return ok({ ...input, cron, ref: ref.value, nextRunAt: nextRunOf({ ...input, cron }, clock.now()) })
  }

  async function create(
    schedule: Pick<Schedule, 'id' | 'projectId' | 'ref' | 'inputs'>,
    run: { readonly userId: number | null; readonly sourceKey: string | null },
  ): Promise<CreatePipelineResult> {
    return createPipeline({
      projectId: schedule.projectId,
      source: 'schedule',
      checkout: { kind: 'ref', ref: schedule.ref },
      variables: store.schedules.variablesOf(schedule.id).map(toVariable),
      inputs: schedule.inputs,
      userId: run.userId,
      request: null,
      triggerId: null,
      sourceKey: run.sourceKey,
      // GitLab: save_on_errors is true for schedules (since 16.0).
      saveInvalid: true,
      selection: null,
      configPath: null,
      scheduleId: schedule.id,
    })
  }

  /** Null when the instant has its pipeline. */
  async function runOnce(schedule: Schedule, instant: number): Promise<string | null> {
    const sourceKey = `schedule:${schedule.id}:${Math.floor(instant / 1000)}`
    if (store.pipelines.findBySourceKey(sourceKey) !== undefined) return null
    if (schedule.ownerId === null) return 'its owner is gone; somebody else may take ownership'
    const result = await create(schedule, { userId: schedule.ownerId, sourceKey })
    return whyNone(result)
  }

  return {
    async create(projectId, input, ownerId) {
      const content = await checked(projectId, input)
      if (!content.ok) return content
      const most = context.limits.schedulesPerProject
      return store.write('full', () => {
        if (store.schedules.countOf(projectId) >= most)
          return err([problem('base', `Maximum number of ci pipeline schedules (${most}) exceeded`)])
        const id = store.schedules.add({ ...content.value, projectId, ownerId, declared: null }, clock.now())
        return ok(must(id))
      })
    },
    async update(id, changes) {
      const before = must(id)
      const content = await checked(before.projectId, { ...before, ...changes })
      if (!content.ok) return content
      return store.write('full', () => {
        const { ownerId } = must(id)
        store.schedules.update(id, { ...content.value, ownerId }, before.declaredAt, clock.now())
        return ok(must(id))
      })
    },
    remove: (id) => store.write('full', () => store.schedules.remove(id)),
    takeOwnership: (id, userId) =>
      store.write('full', () => {
        const schedule = must(id)
        store.schedules.update(id, { ...schedule, ownerId: userId }, schedule.declaredAt, clock.now())
      }),
    setVariable: (id, given) => store.write('full', () => store.schedules.putVariable(id, given)),
    removeVariable: (id, key) => store.write('full', () => store.schedules.removeVariable(id, key)),
    async declare(projectId, declared, ownerId, others = 'removed') {
      const ids = store.schedules.declaredOf(projectId)
      const wanted = await Promise.all(
        named(declared).map(async ({ key, schedule }) => ({
          key,
          schedule: { ...schedule, ref: await declaredRef(projectId, ids.get(key), schedule.ref) },
        })),
      )
      const known = store.schedules.declaredOf(projectId)
      const changed = wanted.filter(({ key, schedule }) => !isAsDeclared(known.get(key), schedule))
      const keys = new Set(wanted.map(({ key }) => key))
      const gone = others === 'removed' ? [...known].filter(([key]) => !keys.has(key)) : []
      // A line more in the file moves all that follow: hundreds of schedules that are written for nothing are a slow reload.
      if (changed.length + gone.length > 0)
        store.write('full', () => {
          for (const { key, schedule } of changed)
            declareOne(projectId, schedule, { key, id: known.get(key), ownerId })
          for (const [, id] of gone) store.schedules.remove(id)
        })
      const moved = wanted.flatMap(({ key, schedule: { at } }) => {
        const id = known.get(key)
        return id !== undefined && store.schedules.find(id)?.declaredAt !== at ? [{ id, at }] : []
      })
      if (moved.length > 0)
        store.write('normal', () => {
          for (const { id, at } of moved) store.schedules.setDeclaredAt(id, at)
        })
    },
    async play(id, userId) {
      const result = await create(must(id), { userId, sourceKey: null })
      const lastError = whyNone(result)
      // Of one that was removed meanwhile there is nothing to say.
      if ((store.schedules.find(id)?.lastError ?? null) !== lastError)
        store.write('normal', () => store.schedules.setLastError(id, lastError))
      return result
    },
    async run(schedule, { instants, last, next, missed }) {
      let lastError: string | null = null
      for (const instant of instants) lastError = await runOnce(schedule, instant)
      store.write('full', () => {
        // It may have been changed or removed meanwhile; then its new plan holds.
        if (store.schedules.find(schedule.id)?.nextRunAt !== schedule.nextRunAt) return
        store.schedules.recordRun(schedule.id, {
          lastRunAt: last,
          nextRunAt: next,
          lastError,
          missedRuns: missed,
        })
      })
    },
    replan: (schedule) =>
      store.write('full', () => store.schedules.setNextRun(schedule.id, nextRunOf(schedule, clock.now()))),
  }

  /** As GitLab does when one is saved: a short name that was found once stays what it was. Nothing is asked of git for it. */
  async function declaredRef(projectId: number, id: number | undefined, ref: string): Promise<string> {
    const before = id === undefined ? undefined : store.schedules.find(id)?.ref
    if (before === `refs/heads/${ref}` || before === `refs/tags/${ref}`) return before
    const found = await fullRef(projectId, ref)
    return found.ok ? found.value : ref
  }

  /** Whether the row says what the file says, wherever it stands there. */
  function isAsDeclared(id: number | undefined, schedule: DeclaredSchedule): boolean {
    const before = id === undefined ? undefined : store.schedules.find(id)
    if (!before || before.ownerId === null) return false
    return (
      isDeepStrictEqual(contentOf(before), contentOf(schedule)) &&
      isDeepStrictEqual(store.schedules.variablesOf(before.id), schedule.variables)
    )
  }

  function declareOne(
    projectId: number,
    { variables, at, ...input }: DeclaredSchedule,
    place: { readonly key: string; readonly id: number | undefined; readonly ownerId: number },
  ): void {
    const now = clock.now()
    const before = place.id === undefined ? undefined : store.schedules.find(place.id)
    const same = before?.cron === input.cron && before.timezone === input.timezone && before.active
    const nextRunAt = same ? before.nextRunAt : nextRunOf(input, now)
    const content = { ...input, ownerId: before?.ownerId ?? place.ownerId, nextRunAt }
    const declared = { key: place.key, at }
    const id = before?.id ?? store.schedules.add({ ...content, projectId, declared }, now)
    if (before) store.schedules.update(id, content, at, now)
    store.schedules.replaceVariables(id, variables)
  }
}

/** Null when there is a pipeline: one whose configuration is invalid has failed, and says why itself. */
function whyNone(result: CreatePipelineResult): string | null {
  if (result.kind !== 'refused') return null
  const { message, detail } = result.refusal
  return detail === null ? message : `${message} (${detail})`
}

function contentOf(input: ScheduleInput): ScheduleInput {
  const { description, ref, cron, timezone, active, inputs, missed } = input
  return { description, ref, cron, timezone, active, inputs, missed }
}

/** A declared schedule is the same one as long as its description is; equal ones are told apart by their order. */
function named(declared: readonly DeclaredSchedule[]): { key: string; schedule: DeclaredSchedule }[] {
  const seen = new Map<string, number>()
  return declared.map((schedule) => {
    const count = (seen.get(schedule.description) ?? 0) + 1
    seen.set(schedule.description, count)
    return { key: `${schedule.description}#${count}`, schedule }
  })
}

function toVariable({ key, value, type, raw }: ScheduleVariable): Variable {
  return variable(key, value, 'schedule', { file: type === 'file', raw })
}
