import type { RequestHandler } from 'express'
import type { ScheduleVariable } from '../../model/schedule.ts'
import { err, ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { pipelineVariable } from './entities/variable.ts'
import type { ParamReader } from './param-reader.ts'
import { readScheduleId, scheduleRoute } from './schedules.ts'

const TYPES = ['env_var', 'file'] as const
const MISSING = { kind: 'not_found', what: 'Pipeline Schedule Variable' } as const

/** `GET …/pipeline_schedules/:pipeline_schedule_id/variables`: not GitLab's, but its clients ask for it. */
export function listScheduleVariables(options: HttpOptions): RequestHandler {
  return scheduleRoute(options, readScheduleId, 'see_variables', (_visit, schedule) =>
    ok(json(200, options.store.schedules.variablesOf(schedule.id).map(present))),
  )
}

/** `POST …/pipeline_schedules/:pipeline_schedule_id/variables` */
export function createScheduleVariable(options: HttpOptions): RequestHandler {
  return scheduleRoute(
    options,
    (params) => ({
      ...readScheduleId(params),
      key: (params.presentText('key') ?? '').trim(),
      value: params.presentText('value') ?? '',
      type: params.oneOf('variable_type', TYPES) ?? 'env_var',
    }),
    'edit',
    ({ params: { key, value, type } }, schedule) => {
      const errors = wrongKey(key)
      if (errors.length > 0) return err({ kind: 'invalid_record', errors: { key: errors } })
      if (options.store.schedules.variablesOf(schedule.id).some((each) => each.key === key)) {
        const taken = `(${key}) has already been taken`
        return err({ kind: 'invalid_record', errors: { key: [taken] } })
      }
      const variable: ScheduleVariable = { key, value, type, raw: false }
      options.engine.schedules.setVariable(schedule.id, variable)
      return ok(json(201, present(variable)))
    },
  )
}

/** `GET …/variables/:key` */
export function showScheduleVariable(options: HttpOptions): RequestHandler {
  return scheduleRoute(options, readKey, 'see_variables', ({ params }, schedule) => {
    const found = find(options, schedule.id, params.key)
    return found ? ok(json(200, present(found))) : err(MISSING)
  })
}

/** `PUT …/variables/:key` */
export function updateScheduleVariable(options: HttpOptions): RequestHandler {
  return scheduleRoute(
    options,
    (params) => ({
      ...readKey(params),
      value: params.text('value'),
      type: params.oneOf('variable_type', TYPES),
    }),
    'edit',
    ({ params }, schedule) => {
      const found = find(options, schedule.id, params.key)
      if (!found) return err(MISSING)
      const changed = { ...found, value: params.value ?? found.value, type: params.type ?? found.type }
      options.engine.schedules.setVariable(schedule.id, changed)
      return ok(json(200, present(changed)))
    },
  )
}

/** `DELETE …/variables/:key`: 202 with what was deleted (GitLab). */
export function deleteScheduleVariable(options: HttpOptions): RequestHandler {
  return scheduleRoute(options, readKey, 'administer', ({ params }, schedule) => {
    const found = find(options, schedule.id, params.key)
    if (!found || !options.engine.schedules.removeVariable(schedule.id, params.key)) return err(MISSING)
    return ok(json(202, present(found)))
  })
}

function readKey(params: ParamReader) {
  return { ...readScheduleId(params), key: params.text('key') ?? '' }
}

function find({ store }: HttpOptions, scheduleId: number, key: string): ScheduleVariable | undefined {
  return store.schedules.variablesOf(scheduleId).find((each) => each.key === key)
}

function present(variable: ScheduleVariable) {
  return pipelineVariable({ ...variable, file: variable.type === 'file' })
}

/** GitLab's validation of any variable's key. */
function wrongKey(key: string): string[] {
  return [
    key === '' ? ["can't be blank"] : [],
    key.length > 255 ? ['is too long (maximum is 255 characters)'] : [],
    /^\w+$/.test(key) ? [] : ["can contain only letters, digits and '_'."],
    key.startsWith('SLUICE_') ? ['SLUICE_* is reserved'] : [],
  ].flat()
}
