import type { RequestHandler } from 'express'
import { MISSED_POLICIES, type Schedule, type ScheduleVariable } from '../../model/schedule.ts'
import { timingProblems, type ScheduleInput } from '../../pipeline/registry/schedule-input.ts'
import { variable, type Variable } from '../../model/variable.ts'
import { resolveTimeZone } from '../../shared/cron/time-zones.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Reply } from '../reply.ts'
import type { Form } from './form.ts'
import { html } from './html-reply.ts'
import { done, projectRoute, type ProjectVisit, type WebContext } from './page-route.tsx'
import { schedulePath, schedulesPath } from './paths.ts'
import { readVariables, wrongKeys } from './read-variables.ts'
import { ScheduleFormPage, type FormProblem, type ScheduleFields } from './schedule-form-page.tsx'
import { editRoute, nextRuns } from './schedules.tsx'
import { shortRef } from './schedules-page.tsx'
import { shownValues } from './shown-value.ts'
import type { FormVariable } from './variable-rows.tsx'

/** `/-/pipeline_schedules/new` */
export function newSchedulePage(context: WebContext): RequestHandler {
  return projectRoute(context, (visit) => {
    const { query, project } = visit
    const fields = {
      description: query.text('description') ?? '',
      ref: query.text('ref') ?? project.defaultBranch,
      cron: query.text('cron') ?? '',
      timezone: query.text('cron_timezone') ?? 'UTC',
      active: true,
      missed: 'once',
      inputs: '',
      variables: [],
    }
    return show(context, visit, { fields, schedule: null, problems: [] })
  })
}

/** `POST /-/pipeline_schedules` */
export function createSchedule(context: WebContext): RequestHandler {
  const { engine } = context.options
  return projectRoute(context, async (visit) => {
    const { form, project, user } = visit
    const fields = fieldsOf(form)
    const read = inputOf(fields)
    if (form.text('do') === 'preview') return preview(context, visit, fields, null)
    if (!read.ok) return show(context, visit, { fields, schedule: null, problems: [read.error] })
    const made = await engine.schedules.create(project.id, read.value, user.id)
    if (!made.ok) return show(context, visit, { fields, schedule: null, problems: made.error })
    for (const each of variablesOf(fields)) engine.schedules.setVariable(made.value.id, each)
    return done(schedulesPath(project.name), `Schedule "${made.value.description}" was made.`)
  })
}

/** `/-/pipeline_schedules/:id/edit` */
export function editSchedulePage(context: WebContext): RequestHandler {
  const { store } = context.options
  return editRoute(context, (visit, schedule) => {
    const fields = {
      ...schedule,
      ref: shortRef(schedule.ref),
      inputs: Object.entries(schedule.inputs)
        .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join('\n'),
      variables: withoutSecrets(store.schedules.variablesOf(schedule.id)),
    }
    return show(context, visit, { fields, schedule, problems: [] })
  })
}

/** `POST /-/pipeline_schedules/:id`: everything as it stands in the form. */
export function updateSchedule(context: WebContext): RequestHandler {
  const { store, engine } = context.options
  return editRoute(context, async (visit, schedule) => {
    const { form, project } = visit
    const fields = fieldsOf(form)
    const read = inputOf(fields)
    if (form.text('do') === 'preview') return preview(context, visit, fields, schedule)
    if (!read.ok) return show(context, visit, { fields, schedule, problems: [read.error] })
    // A short name may be that of a branch and of a tag; what was not touched stays what it was.
    const ref = fields.ref === shortRef(schedule.ref) ? schedule.ref : fields.ref
    const changed = await engine.schedules.update(schedule.id, { ...read.value, ref })
    if (!changed.ok) return show(context, visit, { fields, schedule, problems: changed.error })
    const before = store.schedules.variablesOf(schedule.id)
    const variables = variablesOf(fields).map((each) => unlessUntouched(each, before))
    const kept = new Set(variables.map(({ key }) => key))
    for (const { key } of before) if (!kept.has(key)) engine.schedules.removeVariable(schedule.id, key)
    for (const each of variables) engine.schedules.setVariable(schedule.id, each)
    return done(schedulePath(project.name, schedule.id), `Schedule "${changed.value.description}" was saved.`)
  })
}

/** Only what the next runs come from has to be right. */
function preview(
  context: WebContext,
  visit: ProjectVisit,
  fields: ScheduleFields,
  schedule: Schedule | null,
): Promise<Reply> {
  return show(context, visit, { fields, schedule, problems: timingProblems(fields) })
}

interface Shown {
  readonly fields: ScheduleFields
  /** Null: a new one. */
  readonly schedule: Schedule | null
  readonly problems: readonly FormProblem[]
}

async function show(
  { options }: WebContext,
  { frame, project }: ProjectVisit,
  { fields, schedule, problems }: Shown,
): Promise<Reply> {
  const refs = await options.projects.repository(project).refs()
  const page = (
    <ScheduleFormPage
      frame={frame}
      project={project}
      title={schedule === null ? 'New schedule' : 'Edit schedule'}
      to={schedule === null ? schedulesPath(project.name) : schedulePath(project.name, schedule.id)}
      fields={fields}
      refs={refs.map(({ name }) => name)}
      zones={Intl.supportedValuesOf('timeZone')}
      problems={problems}
      next={nextRuns(fields, options.clock.now())}
      zone={resolveTimeZone(fields.timezone)}
    />
  )
  return html(problems.length > 0 ? 422 : 200, { page, nonce: null })
}

function fieldsOf(form: Form): ScheduleFields {
  return {
    description: form.text('description') ?? '',
    ref: form.text('ref')?.trim() ?? '',
    cron: form.text('cron') ?? '',
    timezone: form.text('cron_timezone') ?? '',
    active: form.flag('active'),
    missed: form.text('missed') ?? 'once',
    inputs: form.text('inputs') ?? '',
    variables: readVariables(form, 'variables'),
  }
}

function inputOf(fields: ScheduleFields): Result<ScheduleInput, FormProblem> {
  const wrong = wrongKeys(fields.variables)
  if (wrong !== undefined) return err({ field: 'variables', message: wrong })
  const lines = fields.inputs.split('\n').filter((line) => line.trim() !== '')
  const inputs = lines.map((line) => /^\s*([\w-]+)\s*=(.*)$/.exec(line))
  const bad = lines.find((_line, index) => inputs[index] === null)
  if (bad !== undefined)
    return err({ field: 'inputs', message: `must be NAME=VALUE in each line: ${bad}`, detail: null })
  const missed = MISSED_POLICIES.find((policy) => policy === fields.missed) ?? 'once'
  const { description, ref, cron, timezone, active } = fields
  const pairs = inputs.flatMap((match) => (match ? [[match[1] ?? '', valueOf(match[2] ?? '')] as const] : []))
  return ok({ description, ref, cron, timezone, active, missed, inputs: Object.fromEntries<unknown>(pairs) })
}

/** JSON is what it says; any other text is a text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text.trim()
  }
}

/** What looks like a secret is not in the form at all; its empty field stands for the value that there is. */
function withoutSecrets(variables: readonly ScheduleVariable[]): FormVariable[] {
  const shown = shownValues(variables.map(({ key, value, type }) => asVariable(key, value, type)))
  return variables.map(({ key, value, type }, index) =>
    shown[index]?.kind === 'hidden' ? { key, value: '', type, kept: true } : { key, value, type },
  )
}

function unlessUntouched(given: ScheduleVariable, before: readonly ScheduleVariable[]): ScheduleVariable {
  const old = before.find(({ key }) => key === given.key)
  if (!old) return given
  const [shown] = shownValues([asVariable(old.key, old.value, old.type)])
  const untouched = given.value === '' && shown?.kind === 'hidden'
  return { ...given, raw: old.raw, value: untouched ? old.value : given.value }
}

function asVariable(key: string, value: string, type: ScheduleVariable['type']): Variable {
  return variable(key, value, 'schedule', { file: type === 'file' })
}

function variablesOf({ variables }: ScheduleFields): ScheduleVariable[] {
  return variables.map(({ key, value, type }) => ({ key, value, type, raw: false }))
}
