import { err, ok, type Result } from '../result.ts'
import type { Cron, CronProblem } from './cron.ts'
import { expandList } from './expand.ts'
import { FIVE_FIELDS, MONTH_DAY, SIX_FIELDS, type Field } from './fields.ts'
import { scanFields, type FieldList } from './scan-fields.ts'
import { resolveTimeZone } from './time-zones.ts'
import { expandWeekDays } from './week-days.ts'

/** Words that cron knows. fugit does too, but not with the time zone that GitLab puts behind them. */
const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@noon', '0 12 * * *'],
  ['@hourly', '0 * * * *'],
])

/** What Ruby's strip takes away; other blanks of Unicode it leaves alone. */
const STRIPPED = '\t\n\v\f\r \0'

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Reads a schedule's `cron`: exactly what GitLab's pipeline schedules accept, which is the grammar of the gem fugit
 * (1.11) with a time zone behind the text. The error says why in our own words; GitLab's own is ` is invalid syntax`. Its
 * offset counts in the text as it is given.
 */
export function parseCron(written: string): Result<Cron, CronProblem> {
  const [start, end] = boundsOf(written)
  const text = written.slice(0, end)
  const shape = shapeOf(text, start)
  if (!shape.ok) return shape
  const lists = scanFields(text, start, shape.value)
  return lists.ok ? build(written, lists.value) : lists
}

/** What GitLab keeps of a schedule's `cron` (`strip_attributes! :cron`). */
export function stripCron(text: string): string {
  return text.slice(...boundsOf(text))
}

function boundsOf(text: string): [start: number, end: number] {
  let [start, end] = [0, text.length]
  while (start < end && STRIPPED.includes(text.charAt(start))) start++
  while (end > start && STRIPPED.includes(text.charAt(end - 1))) end--
  return [start, end]
}

function shapeOf(text: string, start: number): Result<readonly Field[], CronProblem> {
  if (start === text.length) return err({ message: 'it is empty', at: 0 })
  if (text[start] === '@') return err(shorthandProblem(text, start))
  const words = [...text.slice(start).matchAll(/[^ \t]+/g)]
  const count = countFields(text.slice(start))
  const sixth = words[5]
  if (sixth && count === 6 && isZone(sixth[0]))
    return err({
      message: `the time zone "${sixth[0]}" does not belong to the cron expression`,
      at: start + sixth.index,
    })
  if (count === 5) return ok(FIVE_FIELDS)
  if (count === 6) return ok(SIX_FIELDS)
  const lineBreak = text.slice(start).search(/[\r\n]/)
  if (lineBreak !== -1) return err({ message: 'a line break does not part fields', at: start + lineBreak })
  const names = FIVE_FIELDS.map((field) => field.name).join(', ')
  const message = `it has ${count} ${count === 1 ? 'field' : 'fields'} instead of 5 (${names})`
  return err({ message, at: count < 5 || !sixth ? text.length : start + sixth.index })
}

/** Blanks part fields, except before a superfluous comma; behind `&` a comma is the next field's. */
function countFields(text: string): number {
  const joined = text.replaceAll(/&?[ \t]*,(?:[ \t]*,)*/g, (commas) => (commas.startsWith('&') ? '& ,' : ','))
  return joined.split(/[ \t]+/).filter((word) => word !== '').length
}

function shorthandProblem(text: string, at: number): CronProblem {
  const word = text.slice(at).trimEnd()
  const same = SHORTHANDS.get(word)
  const advice = same === undefined ? 'five fields are needed' : `write "${same}"`
  return { message: `GitLab does not accept "${word}": ${advice}`, at }
}

function isZone(word: string): boolean {
  return !/^(?:sun|mon|tue|wed|thu|fri|sat)$/i.test(word) && resolveTimeZone(word) !== undefined
}

function build(text: string, lists: readonly FieldList[]): Result<Cron, CronProblem> {
  const values: (readonly number[] | null)[] = lists.length === 5 ? [[0]] : []
  for (const { elements, field } of lists.slice(0, -1)) {
    const expanded = expandList(elements, field)
    if (!expanded.ok) return expanded
    values.push(expanded.value)
  }
  const weekDays = expandWeekDays(lists.at(-1)?.elements ?? [])
  if (!weekDays.ok) return weekDays
  const [seconds = null, minutes = null, hours = null, monthDays = null, months = null] = values
  const dates = possibleDates(monthDays, months)
  if (!dates) return err({ message: neverProblem(monthDays), at: lists.at(-3)?.at ?? 0 })
  const bothDays = lists.some((list) => list.joins)
  return ok({ text, seconds, minutes, hours, ...dates, weekDays: weekDays.value, bothDays })
}

/** fugit leaves out days that no month has and months that have none of the days; with nothing left it refuses, as for 30 February. */
function possibleDates(
  monthDays: readonly number[] | null,
  months: readonly number[] | null,
): Pick<Cron, 'monthDays' | 'months'> | undefined {
  if (monthDays === null || months === null) return { monthDays, months }
  const fits = (day: number, month: number): boolean => day <= (LONGEST_MONTHS[month - 1] ?? 0)
  const dates = {
    months: months.filter((month) => monthDays.some((day) => fits(day, month))),
    monthDays: monthDays.filter((day) => months.some((month) => fits(day, month))),
  }
  return dates.months.length === 0 ? undefined : dates
}

function neverProblem(monthDays: readonly number[] | null): string {
  return `${MONTH_DAY.name} ${monthDays?.[0]} never comes in the months given`
}
