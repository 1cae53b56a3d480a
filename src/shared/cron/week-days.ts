import { err, ok, type Result } from '../result.ts'
import type { CronProblem, WeekRule } from './cron.ts'
import type { Element } from './scan-element.ts'

/** The weekdays of a list with their rules; null when the list names none, as `*` does. */
export function expandWeekDays(
  elements: readonly Element[],
): Result<ReadonlyMap<number, WeekRule> | null, CronProblem> {
  const days = new Map<number, WeekRule[]>()
  for (const element of elements) {
    for (const day of daysOf(element)) {
      const rules = days.get(day % 7)
      if (rules) rules.push(ruleOf(element))
      else days.set(day % 7, [ruleOf(element)])
    }
  }
  const chosen = new Map<number, WeekRule>()
  for (const [day, rules] of days) {
    if (isMixed(rules))
      return err({ message: 'one weekday cannot have both "#" and "%"', at: elements[0]?.at ?? 0 })
    const first = rules.reduce((best, rule) => (compare(rule, best) < 0 ? rule : best))
    // fugit divides by it, where no rule that it looks at before does without.
    if (first.kind === 'weeks' && first.every === 0)
      return err({ message: '"%0" is no number of weeks', at: atOf(elements) })
    chosen.set(day, first)
  }
  return ok(chosen.size === 0 ? null : chosen)
}

/** Where a list names no weeks at all. */
function atOf(elements: readonly Element[]): number {
  return elements.find(({ weeks }) => weeks?.every === 0)?.at ?? 0
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

function ruleOf({ nth, weeks }: Element): WeekRule {
  if (nth !== null) return { kind: 'nth', nth }
  return weeks === null ? { kind: 'every' } : { kind: 'weeks', ...weeks }
}

/** fugit cannot sort such rules and fails. */
function isMixed(rules: readonly WeekRule[]): boolean {
  return rules.some((rule) => rule.kind === 'nth') && rules.some((rule) => rule.kind === 'weeks')
}

/** fugit up to 1.11 sorts the rules of one weekday and looks at the first only: `mon#1,mon#3` is `mon#1`. */
function compare(a: WeekRule, b: WeekRule): number {
  if (a.kind === 'nth' && b.kind === 'nth') return a.nth - b.nth
  if (a.kind === 'weeks' && b.kind === 'weeks') return a.every - b.every || a.offset - b.offset
  return Number(b.kind === 'every') - Number(a.kind === 'every')
}
