import type { MissedPolicy } from '../../model/schedule.ts'
import { parseCron, stripCron } from '../../shared/cron/parse.ts'
import { nearTimeZone, resolveTimeZone } from '../../shared/cron/time-zones.ts'
import type { Timing } from './schedule-runs.ts'

/** What is wrong with a schedule: GitLab's name of the field, and its words after that name. */
export interface ScheduleProblem {
  readonly field: 'base' | 'cron' | 'cron_timezone' | 'description' | 'ref' | 'inputs' | 'inputs.name'
  readonly message: string
  /** Our own words: where in the expression. */
  readonly detail: string | null
}

/** All that is wrong, in GitLab's order. */
export type ScheduleProblems = readonly ScheduleProblem[]

/** What a person writes; in an update, only what changes. */
export interface ScheduleInput {
  readonly description: string
  readonly ref: string
  readonly cron: string
  readonly timezone: string
  readonly active: boolean
  readonly inputs: Readonly<Record<string, unknown>>
  readonly missed: MissedPolicy
}

/** GitLab: Ci::Pipeline::INPUTS_LIMIT. */
const MOST_INPUTS = 20
const LONGEST_INPUT_NAME = 255

/** What is wrong with the times of a schedule that somebody writes. */
export function timingProblems({ cron, timezone }: Timing): ScheduleProblems {
  return [...cronProblems(stripCron(cron)), ...zoneProblems(timezone)]
}

/** All that is wrong with what somebody writes. GitLab: `Ci::PipelineSchedule`'s validations in their order. */
export function validate({ cron, timezone, description, ref, inputs }: ScheduleInput): ScheduleProblem[] {
  return [
    ...cronProblems(cron),
    ...zoneProblems(timezone),
    ...(isBlank(ref) ? [problem('ref', "can't be blank")] : []),
    ...(isBlank(description) ? [problem('description', "can't be blank")] : []),
    ...inputProblems(Object.keys(inputs)),
  ]
}

function cronProblems(cron: string): ScheduleProblem[] {
  const parsed = parseCron(cron)
  if (parsed.ok) return []
  const { message, at } = parsed.error
  const detail = `${message}, at character ${at + 1} of ${JSON.stringify(cron)}`
  const wrong = problem('cron', ' is invalid syntax', detail)
  return isBlank(cron) ? [wrong, problem('cron', "can't be blank")] : [wrong]
}

function zoneProblems(timezone: string): ScheduleProblem[] {
  if (isBlank(timezone)) return [problem('cron_timezone', "can't be blank")]
  if (resolveTimeZone(timezone) !== undefined) return []
  const near = nearTimeZone(timezone)
  const detail = `there is no time zone ${JSON.stringify(timezone)}${near === undefined ? '' : `; did you mean ${near}?`}`
  return [problem('cron_timezone', ' is invalid syntax', detail)]
}

function inputProblems(names: readonly string[]): ScheduleProblem[] {
  const tooMany =
    names.length > MOST_INPUTS ? [problem('inputs', `exceeds the limit of ${MOST_INPUTS}.`)] : []
  const blank = names.some(isBlank) ? [problem('inputs.name', "can't be blank")] : []
  const long = names.some((name) => name.length > LONGEST_INPUT_NAME)
  return [
    ...tooMany,
    ...blank,
    ...(long ? [problem('inputs.name', `is too long (maximum is ${LONGEST_INPUT_NAME} characters)`)] : []),
  ]
}

/** Ruby's `blank?`. */
function isBlank(text: string): boolean {
  return /^\s*$/.test(text)
}

/** One thing that is wrong, as GitLab says it. */
export function problem(
  field: ScheduleProblem['field'],
  message: string,
  detail: string | null = null,
): ScheduleProblem {
  return { field, message, detail }
}
