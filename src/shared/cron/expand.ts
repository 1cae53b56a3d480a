import { err, ok, type Result } from '../result.ts'
import type { CronProblem } from './cron.ts'
import type { Field } from './fields.ts'
import type { Element } from './scan-element.ts'

/** The sorted values of a field other than the weekday's; null when it is every value. */
export function expandList(
  elements: readonly Element[],
  field: Field,
): Result<readonly number[] | null, CronProblem> {
  const values = new Set<number>()
  let every = false
  for (const element of elements) {
    const expanded = expandElement(element, field)
    if (!expanded.ok) return expanded
    if (expanded.value === null) every = true
    else
      for (const value of expanded.value)
        values.add(field.most > field.high && value === field.most ? 0 : value)
  }
  return ok(every ? null : [...values].toSorted((a, b) => a - b))
}

function expandElement(element: Element, field: Field): Result<readonly number[] | null, CronProblem> {
  const { first, last, step } = element
  if (first === null && step === null) return ok(null)
  if (first !== null && last === null && step === null) return ok([first])
  const from = first ?? field.low
  // `5-L` goes on to day 31; `5/15` and `/15` to the field's end.
  const to = last === null || (last < 0 && from > 0) ? field.high : last
  if (from < 0 && to > 0) {
    const message = `a range cannot lead from ${from}, counted from the end of the month, to ${to}`
    return err({ message, at: element.at })
  }
  // fugit since 1.7.0: a range over everything is `*`, which matters where days of month and week are joined.
  if (from === field.low && to === field.high && (step ?? 1) === 1) return ok(null)
  return ok(walk(from, to, field).filter((_, index) => index % (step ?? 1) === 0))
}

/** From one value to another, past the end of the field if need be: `22-2` is 22, 23, 0, 1, 2. */
function walk(from: number, to: number, field: Field): number[] {
  const low = from < 0 ? -field.high : field.low
  const high = from < 0 ? -1 : field.high
  const values = [from]
  let goal = to
  for (let value = from; value !== goal; values.push(value)) {
    value += 1
    if (value <= high) continue
    value = low
    if (goal > high) goal -= high + 1
  }
  return values
}
