import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { MISSED_POLICIES, type Schedule } from '../../model/schedule.ts'
import { LOCAL_USER_ID, type Role, type User } from '../../model/user.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { ScheduleProblems } from '../../pipeline/registry/schedule-input.ts'
import { toPlain } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import { hasRole } from '../permissions.ts'
import type { Problem } from '../problems.ts'
import { json, NO_CONTENT } from '../reply.ts'
import { pipelineBasic } from './entities/pipeline-basic.ts'
import { scheduleEntity } from './entities/schedule.ts'
import { pipelineVariable } from './entities/variable.ts'
import { changedSince, forRole } from './guards.ts'
import { filterOf, readListParams } from './list-pipelines.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { placeOf, userOf } from './present.ts'
import { projectRoute, type Answer, type ProjectVisit } from './route.ts'

/** `GET /projects/:id/pipeline_schedules` */
export function listSchedules(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ page: readPage(params), scope: params.oneOf('scope', ['active', 'inactive']) }),
    ({ project, params: { page, scope }, sent, path }) => {
      const filter = scope === undefined ? {} : { active: scope === 'active' }
      const { schedules, total } = options.store.schedules.page(project.id, filter, page)
      const items = schedules.map((schedule) => present(options, schedule))
      return ok(paginated({ page, items, total, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET …/pipeline_schedules/:pipeline_schedule_id` */
export function showSchedule(options: HttpOptions): RequestHandler {
  return scheduleRoute(options, readScheduleId, 'read', ({ project, user }, schedule) =>
    ok(json(200, presentDetails(options, project, user, schedule))),
  )
}

/** `POST /projects/:id/pipeline_schedules` */
export function createSchedule(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      description: params.presentText('description') ?? '',
      ref: params.requiredText('ref') ?? '',
      cron: params.presentText('cron') ?? '',
      timezone: params.text('cron_timezone') ?? 'UTC',
      active: params.flag('active') ?? true,
      inputs: inputsAfter({}, readInputs(params)),
      missed: params.oneOf('missed', MISSED_POLICIES) ?? 'once',
    }),
    forRole(options, 'developer', async ({ project, user, params }) => {
      const made = await options.engine.schedules.create(project.id, params, user.id)
      return made.ok
        ? ok(json(201, presentDetails(options, project, user, made.value)))
        : err(problemOf(made.error))
    }),
  )
}

/** `PUT …/pipeline_schedules/:pipeline_schedule_id` */
export function updateSchedule(options: HttpOptions): RequestHandler {
  return scheduleRoute(
    options,
    (params) => ({
      ...readScheduleId(params),
      changes: sentOnly({
        description: params.text('description'),
        ref: params.text('ref'),
        cron: params.text('cron'),
        timezone: params.text('cron_timezone'),
        active: params.flag('active'),
        missed: params.oneOf('missed', MISSED_POLICIES),
      }),
      inputs: readInputs(params),
    }),
    'edit',
    async ({ project, user, params }, schedule) => {
      const inputs = params.inputs ? { inputs: inputsAfter(schedule.inputs, params.inputs) } : {}
      const changed = await options.engine.schedules.update(schedule.id, { ...params.changes, ...inputs })
      return changed.ok
        ? ok(json(200, presentDetails(options, project, user, changed.value)))
        : err(problemOf(changed.error))
    },
  )
}

/** `DELETE …/pipeline_schedules/:pipeline_schedule_id` */
export function deleteSchedule(options: HttpOptions): RequestHandler {
  return scheduleRoute(options, readScheduleId, 'administer', ({ headers }, schedule) => {
    if (changedSince(headers, schedule.updatedAt)) return err({ kind: 'precondition_failed' })
    options.engine.schedules.remove(schedule.id)
    return ok(NO_CONTENT)
  })
}

/** `POST …/take_ownership`: 201, or 200 when it is the caller's already (GitLab). */
export function takeScheduleOwnership(options: HttpOptions): RequestHandler {
  return scheduleRoute(options, readScheduleId, 'administer', ({ project, user }, schedule) => {
    const own = schedule.ownerId === user.id
    if (!own) options.engine.schedules.takeOwnership(schedule.id, user.id)
    const taken = options.store.schedules.find(schedule.id) ?? schedule
    return ok(json(own ? 200 : 201, presentDetails(options, project, user, taken)))
  })
}

/** `POST …/play`: the pipeline is made after the answer, as the caller's. The next run stays as it is. */
export function playSchedule(options: HttpOptions): RequestHandler {
  return scheduleRoute(options, readScheduleId, 'play', ({ user }, schedule) => {
    void playNow(options, schedule.id, user.id)
    return ok(json(201, { message: '201 Created' }))
  })
}

/** What goes wrong after the answer is in the log and in the schedule's `last_error`. */
async function playNow(options: HttpOptions, schedule: number, userId: number): Promise<void> {
  const record = { level: 'warn', message: 'schedule made no pipeline', schedule } as const
  try {
    const result = await options.engine.schedules.play(schedule, userId)
    if (result.kind === 'refused') options.log({ ...record, why: result.refusal.message })
  } catch (error) {
    options.log({ ...record, level: 'error', error: String(error) })
  }
}

/** `GET …/pipeline_schedules/:pipeline_schedule_id/pipelines`, oldest first unless `sort=desc` (GitLab). */
export function listSchedulePipelines(options: HttpOptions): RequestHandler {
  return scheduleRoute(
    options,
    (params) => ({ ...readScheduleId(params), ...readListParams(params, 'asc') }),
    'read',
    async ({ project, params, sent, path }, schedule) => {
      const place = placeOf(options, project)
      const filter = await filterOf(options, project, params)
      const { pipelines, total } = filter
        ? options.store.pipelines.page(
            project.id,
            { ...filter, scheduleId: schedule.id },
            params.order,
            params.page,
          )
        : { pipelines: [], total: 0 }
      const items = pipelines.map((pipeline) => pipelineBasic(pipeline, place))
      return ok(paginated({ page: params.page, items, total, url: options.externalUrl() + path, sent }))
    },
  )
}

export function readScheduleId(params: ParamReader): { readonly scheduleId: number } {
  return { scheduleId: params.requiredInteger('pipeline_schedule_id') }
}

/**
 * GitLab (Ci::PipelineSchedulePolicy): only its owner and an administrator edit a schedule; maintainers too take it over, delete
 * it, and see and delete its variables. What changes a schedule is refused for a declared one, which is the configuration's.
 */
export type ScheduleRight = 'read' | 'play' | 'edit' | 'administer' | 'see_variables'

/** A route below one schedule. */
export function scheduleRoute<T extends { readonly scheduleId: number }>(
  options: HttpOptions,
  read: (params: ParamReader) => T,
  right: ScheduleRight,
  answer: (visit: ProjectVisit<T>, schedule: Schedule) => Answer | Promise<Answer>,
): RequestHandler {
  return projectRoute(options, read, (visit) => {
    const schedule = options.store.schedules.find(visit.params.scheduleId)
    if (schedule?.projectId !== visit.project.id) return err({ kind: 'not_found', what: 'Pipeline Schedule' })
    const allowed = mayDo(options, visit.user, schedule, right)
    return allowed.ok ? answer(visit, schedule) : allowed
  })
}

function mayDo(
  { store }: HttpOptions,
  user: User,
  schedule: Schedule,
  right: ScheduleRight,
): Result<true, Problem> {
  if (right === 'read') return ok(true)
  const { declaredAt, projectId } = schedule
  if (!hasRole(store, user.id, projectId, leastRole(user, schedule, right)))
    return err({ kind: 'forbidden', reason: null })
  if (right === 'edit' && schedule.ownerId !== user.id && user.id !== LOCAL_USER_ID)
    return err({ kind: 'forbidden', reason: null })
  if (declaredAt !== null && (right === 'edit' || right === 'administer')) {
    const reason = `the schedule is declared at ${declaredAt} and can only be changed there`
    return err({ kind: 'forbidden', reason })
  }
  return ok(true)
}

function leastRole(user: User, { ownerId }: Schedule, right: ScheduleRight): Role {
  return right === 'play' || right === 'edit' || ownerId === user.id ? 'developer' : 'maintainer'
}

interface GivenInput {
  readonly name: string
  readonly value: unknown
  readonly destroy: boolean
}

function readInputs(params: ParamReader): readonly GivenInput[] | undefined {
  return params.items('inputs', (item) => ({
    name: item.presentText('name') ?? '',
    value: toPlain(item.value('value') ?? null),
    destroy: item.flag('destroy') ?? false,
  }))
}

function inputsAfter(
  before: Readonly<Record<string, unknown>>,
  given: readonly GivenInput[] | undefined,
): Readonly<Record<string, unknown>> {
  const inputs = new Map(Object.entries(before))
  for (const { name, value, destroy } of given ?? []) {
    if (destroy) inputs.delete(name)
    else inputs.set(name, value)
  }
  return Object.fromEntries(inputs)
}

/** Without the members that are undefined. */
function sentOnly<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

function problemOf(problems: ScheduleProblems): Problem {
  const errors: Record<string, string[]> = {}
  for (const { field, message } of problems) (errors[field] ??= []).push(message)
  const details = problems.flatMap(({ detail }) => detail ?? [])
  return { kind: 'invalid_record', errors, ...(details.length === 0 ? {} : { detail: details.join('; ') }) }
}

function present(options: HttpOptions, schedule: Schedule) {
  return scheduleEntity(schedule, {
    owner: userOf(options, schedule.ownerId),
    externalUrl: options.externalUrl(),
  })
}

/** GitLab: the variables are for the owner and for maintainers. */
function presentDetails(options: HttpOptions, project: Project, user: User, schedule: Schedule) {
  const { pipelines } = options.store.pipelines.page(
    project.id,
    { scheduleId: schedule.id },
    { by: 'id', descending: true },
    { limit: 1, offset: 0 },
  )
  const [last] = pipelines
  const shown = schedule.ownerId === user.id || hasRole(options.store, user.id, project.id, 'maintainer')
  return {
    ...present(options, schedule),
    last_pipeline: last ? pipelineBasic(last, placeOf(options, project)) : null,
    ...(shown
      ? {
          variables: options.store.schedules
            .variablesOf(schedule.id)
            .map((each) => pipelineVariable({ ...each, file: each.type === 'file' })),
        }
      : {}),
  }
}
