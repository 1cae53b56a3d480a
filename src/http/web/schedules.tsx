import type { RequestHandler } from 'express'
import type { Schedule } from '../../model/schedule.ts'
import { LOCAL_USER_ID } from '../../model/user.ts'
import { variable } from '../../model/variable.ts'
import { runsOf } from '../../pipeline/registry/schedule-runs.ts'
import { resolveTimeZone } from '../../shared/cron/time-zones.ts'
import type { HttpOptions } from '../options.ts'
import { pipelinePath } from '../urls.ts'
import { wholeNumber } from './form.ts'
import { html } from './html-reply.ts'
import {
  done,
  failed,
  projectRoute,
  type Outcome,
  type ProjectVisit,
  type WebContext,
} from './page-route.tsx'
import { partOf } from './paging.tsx'
import { schedulePath, schedulesPath } from './paths.ts'
import type { ListedPipeline } from './pipeline-table.tsx'
import { problemText } from './schedule-form-page.tsx'
import { SchedulePage } from './schedule-page.tsx'
import type { ScheduleRights } from './schedule-parts.tsx'
import { SchedulesPage } from './schedules-page.tsx'
import { listed } from './start.tsx'

const PER_PAGE = 20
const NEXT_RUNS = 5
const LAST_PIPELINES = 10

/** `/-/pipeline_schedules` */
export function schedulesPage(context: WebContext): RequestHandler {
  const { store, clock } = context.options
  return projectRoute(context, (visit) => {
    const { frame, project, query } = visit
    const page = wholeNumber(query.text('page'), 1)
    const { schedules, total } = store.schedules.page(project.id, {}, partOf({ page, perPage: PER_PAGE }))
    const rows = schedules.map((schedule) => ({
      schedule,
      owner: schedule.ownerId === null ? undefined : store.users.find(schedule.ownerId),
      last: pipelinesOf(context.options, schedule, 1)[0],
      rights: rightsOf(visit, schedule),
      next: schedule.active ? nextRuns(schedule, clock.now()) : [],
      zone: resolveTimeZone(schedule.timezone),
    }))
    const paging = { page, perPage: PER_PAGE, total }
    return html(200, {
      page: <SchedulesPage frame={frame} project={project} schedules={rows} paging={paging} />,
      nonce: null,
    })
  })
}

/** `/-/pipeline_schedules/:id` */
export function schedulePage(context: WebContext): RequestHandler {
  const { store, clock } = context.options
  return scheduleRoute(context, (visit, schedule) => {
    const owner = schedule.ownerId === null ? undefined : store.users.find(schedule.ownerId)
    const page = (
      <SchedulePage
        frame={visit.frame}
        project={visit.project}
        schedule={schedule}
        owner={owner}
        rights={rightsOf(visit, schedule)}
        next={nextRuns(schedule, clock.now())}
        zone={resolveTimeZone(schedule.timezone)}
        variables={store.schedules
          .variablesOf(schedule.id)
          .map(({ key, value, type, raw }) =>
            variable(key, value, 'schedule', { file: type === 'file', raw }),
          )}
        variablesShown={schedule.ownerId === visit.user.id || visit.may('maintainer')}
        pipelines={pipelinesOf(context.options, schedule, LAST_PIPELINES)}
      />
    )
    return html(200, { page, nonce: null })
  })
}

/** `POST …/play`: a pipeline now, as the visitor's. The next run stays as it is. */
export function playSchedule(context: WebContext): RequestHandler {
  const { engine, projects } = context.options
  return scheduleRoute(context, async ({ project, user }, schedule): Promise<Outcome> => {
    await projects.refresh(project)
    const result = await engine.schedules.play(schedule.id, user.id)
    const here = schedulePath(project.name, schedule.id)
    switch (result.kind) {
      case 'created':
        return done(
          pipelinePath(project.name, result.pipelineId),
          `Schedule "${schedule.description}" was played.`,
        )
      case 'invalid': {
        const message = result.diagnostics[0]?.message ?? 'Invalid configuration format'
        return failed(
          result.pipelineId === null ? here : pipelinePath(project.name, result.pipelineId),
          message,
        )
      }
      case 'refused': {
        const { message, detail } = result.refusal
        return failed(here, detail === null ? message : `${message} (${detail})`)
      }
    }
  })
}

/** `POST …/active`: on with the field `active`, else off. */
export function switchSchedule(context: WebContext): RequestHandler {
  const { engine } = context.options
  return editRoute(context, async ({ project, form }, schedule) => {
    const active = form.flag('active')
    const changed = await engine.schedules.update(schedule.id, { active })
    const here = schedulesPath(project.name)
    if (!changed.ok) return failed(here, changed.error.map(problemText).join('; '))
    return done(here, `Schedule "${schedule.description}" is ${active ? 'active' : 'paused'}.`)
  })
}

/** `POST …/take_ownership`, for maintainers. */
export function takeSchedule(context: WebContext): RequestHandler {
  const { engine } = context.options
  const refusal = 'To take the ownership of a schedule is for maintainers that do not own it.'
  return rightRoute(context, 'take', refusal, ({ project, user }, schedule) => {
    engine.schedules.takeOwnership(schedule.id, user.id)
    return done(schedulesPath(project.name), `Schedule "${schedule.description}" is yours.`)
  })
}

/** `POST …/delete` */
export function deleteSchedule(context: WebContext): RequestHandler {
  const { engine } = context.options
  const refusal = 'Only its owner and maintainers may delete this schedule.'
  return rightRoute(context, 'remove', refusal, ({ project }, schedule) => {
    engine.schedules.remove(schedule.id)
    return done(schedulesPath(project.name), `Schedule "${schedule.description}" was deleted.`)
  })
}

type Act = (visit: ProjectVisit, schedule: Schedule) => ReturnType<Parameters<typeof projectRoute>[1]>

/** A route below one schedule. */
export function scheduleRoute(context: WebContext, act: Act): RequestHandler {
  const { schedules } = context.options.store
  return projectRoute(context, (visit) => {
    const schedule = schedules.find(visit.id)
    return schedule?.projectId === visit.project.id ? act(visit, schedule) : undefined
  })
}

/** For whoever may edit it. */
export function editRoute(context: WebContext, act: Act): RequestHandler {
  return rightRoute(
    context,
    'edit',
    'Only its owner may change this schedule; take ownership of it first.',
    act,
  )
}

/** For whoever has a right that a declared schedule gives nobody. */
function rightRoute(
  context: WebContext,
  right: keyof ScheduleRights,
  refusal: string,
  act: Act,
): RequestHandler {
  return scheduleRoute(context, (visit, schedule) => {
    if (rightsOf(visit, schedule)[right]) return act(visit, schedule)
    const here = schedulePath(visit.project.name, schedule.id)
    return failed(
      here,
      schedule.declaredAt === null
        ? refusal
        : `The schedule is declared at ${schedule.declaredAt} and can only be changed there.`,
    )
  })
}

/**
 * GitLab (Ci::PipelineSchedulePolicy): only its owner and an administrator edit a schedule; maintainers take it over and delete
 * it. A declared one is the configuration's.
 */
function rightsOf({ user, may }: ProjectVisit, schedule: Schedule): ScheduleRights {
  if (schedule.declaredAt !== null) return { edit: false, take: false, remove: false }
  const owns = schedule.ownerId === user.id
  const maintains = may('maintainer')
  return { edit: owns || user.id === LOCAL_USER_ID, take: maintains && !owns, remove: maintains || owns }
}

export function nextRuns(timing: Pick<Schedule, 'cron' | 'timezone'>, now: number): number[] {
  const nextOf = runsOf(timing)
  const runs: number[] = []
  for (
    let after: number | null = nextOf(now);
    after !== null && runs.length < NEXT_RUNS;
    after = nextOf(after)
  )
    runs.push(after)
  return runs
}

function pipelinesOf({ store }: HttpOptions, schedule: Schedule, limit: number): ListedPipeline[] {
  const { pipelines } = store.pipelines.page(
    schedule.projectId,
    { scheduleId: schedule.id },
    { by: 'id', descending: true },
    { limit, offset: 0 },
  )
  return listed(store, pipelines)
}
