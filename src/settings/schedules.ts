import { cronProblem, timezoneProblem } from './cron.ts'
import { complain, locationOf, type Report } from './report.ts'
import type { ScheduleSettings } from './settings.ts'
import { optional, readFields, readFlag, readItems, readText, required, type Place } from './shape.ts'
import { readVariables } from './variables.ts'

const KEYS = ['description', 'cron', 'timezone', 'ref', 'active', 'variables'] as const

/** `projects[].schedules:`. */
export function readSchedules(report: Report, place: Place | undefined): ScheduleSettings[] {
  return readItems(report, place).flatMap((item) => readSchedule(report, item) ?? [])
}

function readSchedule(report: Report, item: Place): ScheduleSettings | undefined {
  const fields = readFields(report, item, KEYS)
  if (!fields) return undefined
  const cronPlace = required(report, item, fields, 'cron')
  const refPlace = required(report, item, fields, 'ref')
  const cron = cronPlace && readChecked(report, cronPlace, 'invalid_cron', cronProblem)
  const ref = refPlace && readText(report, refPlace)
  const rest = {
    description: optional(report, fields.description, '', readText),
    timezone: optional(report, fields.timezone, 'UTC', (_, place) =>
      readChecked(report, place, 'invalid_timezone', timezoneProblem),
    ),
    active: optional(report, fields.active, true, readFlag),
    variables: optional(report, fields.variables, [], (_, place) => readVariables(report, place, 'schedule')),
    location: locationOf(report, item.node.span),
  }
  return cron === undefined || ref === undefined ? undefined : { cron, ref, ...rest }
}

function readChecked(
  report: Report,
  place: Place,
  code: string,
  check: (text: string) => string | undefined,
): string | undefined {
  const text = readText(report, place)
  const problem = text === undefined ? undefined : check(text)
  return problem === undefined
    ? text
    : complain(report, place.node.span, { code, message: `${place.path} "${text}" is not valid: ${problem}` })
}
