import { MISSED_POLICIES } from '../model/schedule.ts'
import type { CronProblem } from '../shared/cron/cron.ts'
import type { Span } from '../shared/diagnostic.ts'
import { cronProblem, timezoneProblem } from './cron.ts'
import { complain, locationOf, type Report } from './report.ts'
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
): ScheduleSettings[] {
  return readItems(report, place).flatMap((item) => readSchedule(report, item, references) ?? [])
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
  const ref = refPlace && readText(report, refPlace)
  const rest = {
    description: optional(report, fields.description, '', readText),
    timezone: optional(report, fields.timezone, 'UTC', (_, place) =>
      readChecked(report, place, 'invalid_timezone', timezoneProblem),
    ),
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
  return cron === undefined || ref === undefined ? undefined : { cron, ref, ...rest }
}

function readChecked(
  report: Report,
  place: Place,
  code: string,
  check: (text: string) => CronProblem | undefined,
): string | undefined {
  const text = readText(report, place)
  const problem = text === undefined ? undefined : check(text)
  if (text === undefined || problem === undefined) return text
  const span = spanInside(report, place.node.span, text, problem.at)
  return complain(report, span, {
    code,
    message: `${place.path} ${JSON.stringify(text)} is not valid: ${problem.message}`,
  })
}

/** From an offset in a scalar's text to its end; the whole scalar where it is quoted, and offsets would not fit. */
function spanInside(report: Report, span: Span, text: string, offset: number): Span {
  const isPlain = report.sources.get(span.file)?.slice(span.start, span.end) === text
  const start = span.start + Math.min(offset, text.length - 1)
  return isPlain ? { ...span, start } : span
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
