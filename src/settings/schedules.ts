import { MISSED_POLICIES } from '../model/schedule.ts'
import { stripCron } from '../shared/cron/parse.ts'
import type { Span } from '../shared/diagnostic.ts'
import { cronProblem, timezoneProblem, type TextProblem } from './cron.ts'
import { spanInside } from './inside-scalar.ts'
import { leaveOut, locationOf, type Report } from './report.ts'
import type { ReferenceContext } from './reference.ts'
import type { ScheduleSettings } from './settings.ts'
import {
  optional,
  readChoice,
  readFields,
  readFlag,
  readItems,
  readMapping,
  readText,
  required,
  type Place,
} from './shape.ts'
import { readDeclaredVariables } from './variables.ts'
import type { YamlNode } from '../yaml/node.ts'

const KEYS = ['description', 'cron', 'timezone', 'ref', 'active', 'variables', 'inputs', 'missed'] as const

/** `projects[].schedules:`. */
export function readSchedules(
  report: Report,
  place: Place | undefined,
  references: ReferenceContext,
): { readonly schedules: readonly ScheduleSettings[]; readonly someLeftOut: boolean } {
  const items = readItems(report, place)
  const schedules = items.flatMap((item) => readSchedule(report, item, references) ?? [])
  return { schedules, someLeftOut: schedules.length < items.length }
}

function readSchedule(
  report: Report,
  item: Place,
  references: ReferenceContext,
): ScheduleSettings | undefined {
  const fields = readFields(report, item, KEYS)
  if (!fields) return undefined
  const cronPlace = required(report, item, fields, 'cron')
  const refPlace = required(report, item, fields, 'ref')
  const cron = cronPlace && readChecked(report, cronPlace, 'invalid_cron', cronProblem)
  const timezone = optional(report, fields.timezone, 'UTC', readTimezone)
  const ref = refPlace && readText(report, refPlace)
  const rest = {
    description: optional(report, fields.description, '', readText),
    active: optional(report, fields.active, true, readFlag),
    missed: optional(report, fields.missed, 'once' as const, (_, place) =>
      readChoice(report, place, MISSED_POLICIES),
    ),
    inputs: optional(report, fields.inputs, {}, readInputs),
    variables: optional(report, fields.variables, [], (_, place) =>
      readDeclaredVariables(report, place, 'schedule', references),
    ),
    location: locationOf(report, item.node.span),
  }
  if (cron === undefined || ref === undefined || timezone === false) return undefined
  return { cron: stripCron(cron), timezone, ref, ...rest }
}

/** False: it is not one, and no other may take its place. */
function readTimezone(report: Report, place: Place): string | false {
  return readChecked(report, place, 'invalid_timezone', timezoneProblem) ?? false
}

function readChecked(
  report: Report,
  place: Place,
  code: string,
  check: (text: string) => TextProblem | undefined,
): string | undefined {
  const text = readText(report, place)
  const problem = text === undefined ? undefined : check(text)
  if (text === undefined || problem === undefined) return text
  const span = markedIn(report, place.node.span, text, problem.at)
  return leaveOut(report, span, {
    code,
    message: `${place.path} ${JSON.stringify(text)} is not valid: ${problem.message}`,
    ...(problem.help === undefined ? {} : { help: problem.help }),
  })
}

function markedIn(report: Report, span: Span, text: string, at: number | null): Span {
  const source = report.sources.get(span.file)
  return source === undefined || at === null ? span : spanInside(source, span, text, at)
}

/** Values for `spec:inputs`: texts, numbers, true and false, and lists of these. */
function readInputs(report: Report, place: Place): Record<string, unknown> | undefined {
  const mapping = readMapping(report, place)
  return (
    mapping && Object.fromEntries([...mapping.entries].map(([name, { value }]) => [name, plainValue(value)]))
  )
}

function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'sequence') return node.items.map(plainValue)
  return node.kind === 'mapping'
    ? Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plainValue(value)]))
    : null
}
