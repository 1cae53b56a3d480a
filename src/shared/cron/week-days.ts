import { err, ok, type Result } from '../result.ts'
import type { CronProblem, WeekRule } from './cron.ts'
import type { Element } from './scan-element.ts'

interface Entry {
  readonly day: number
  readonly rule: WeekRule
  readonly at: number
}

/** The weekdays of a list with their rules; null when the list names none, as `*` does. */
export function expandWeekDays(
  elements: readonly Element[],
): Result<ReadonlyMap<number, WeekRule> | null, CronProblem> {
  const entries = elements.flatMap((element) => daysOf(element).map((day) => entryOf(element, day % 7)))
  const days = new Map<number, WeekRule>()
  for (const { day, rule, at } of entries) {
    const known = days.get(day)
    if (known && isMixed(known, rule))
      return err({ message: 'one weekday cannot have both "#" and "%"', at })
    if (!known || compare(rule, known) < 0) days.set(day, rule)
  }
  return ok(days.size === 0 ? null : days)
}

/** Numbers up to 13, of which 7 is Sunday again. */
function daysOf({ first, last, step }: Element): readonly number[] {
  if (first === null) return step === null ? [] : upTo(0, 6, step)
  if (last === null) return [first]
  // fugit 1.11: with a step a range does not go round the week, and then names no day; without one it does.
  if (step !== null) return upTo(first, last, step)
  return upTo(first, first > last ? last + 7 : last, 1)
}

function upTo(from: number, to: number, step: number): number[] {
  const days: number[] = []
  for (let day = from; day <= to; day += step) days.push(day)
  return days
}

function entryOf({ at, nth, weeks }: Element, day: number): Entry {
  if (nth !== null) return { day, at, rule: { kind: 'nth', nth } }
  if (weeks !== null) return { day, at, rule: { kind: 'weeks', ...weeks } }
  return { day, at, rule: { kind: 'every' } }
}

/** fugit cannot sort such a pair and fails. */
function isMixed(a: WeekRule, b: WeekRule): boolean {
  return a.kind !== b.kind && a.kind !== 'every' && b.kind !== 'every'
}

/** fugit up to 1.11 sorts the rules of one weekday and looks at the first only: `mon#1,mon#3` is `mon#1`. */
function compare(a: WeekRule, b: WeekRule): number {
  if (a.kind === 'nth' && b.kind === 'nth') return a.nth - b.nth
  if (a.kind === 'weeks' && b.kind === 'weeks') return a.every - b.every || a.offset - b.offset
  return Number(b.kind === 'every') - Number(a.kind === 'every')
}
