import type { Cron, WeekRule } from './cron.ts'
import type { LocalTime, Zone } from './zone.ts'

const DAY = 86_400
const WEEK = 7 * DAY

/** Whether an expression names this day, by its day of month, its day of week, or both. */
export function dayMatches(cron: Cron, zone: Zone, now: LocalTime): boolean {
  const { monthDays, weekDays } = cron
  if (weekDays === null) return monthDays === null || isMonthDay(monthDays, zone, now)
  const rule = weekDays.get(now.weekDay)
  const isWeekDay = rule !== undefined && followsRule(rule, zone, now)
  if (monthDays === null) return isWeekDay
  // As in crontab(5), where both are given one of them is enough; fugit's `&` asks for both.
  const isDay = isMonthDay(monthDays, zone, now)
  return cron.bothDays ? isWeekDay && isDay : isWeekDay || isDay
}

/** The first instant of the following month. */
export function startOfNextMonth(zone: Zone, { year, month }: LocalTime): number {
  const [nextYear, nextMonth] = month === 12 ? [year + 1, 1] : [year, month + 1]
  const midnight = zone.instant(nextYear, nextMonth, 1, 0)
  if (midnight !== undefined) return midnight
  const wall = Date.UTC(nextYear, nextMonth - 1, 1) / 1000
  return wall - zone.offset(wall - DAY)
}

function isMonthDay(monthDays: readonly number[], zone: Zone, now: LocalTime): boolean {
  if (monthDays.includes(now.day)) return true
  if (monthDays.every((day) => day > 0)) return false
  // fugit looks 24 hours before the next month: in a month whose last day has only 23, day -1 is the day before.
  const last = zone.local(startOfNextMonth(zone, now) - DAY).day
  return monthDays.some((day) => day < 0 && last + 1 + day === now.day)
}

function followsRule(rule: WeekRule, zone: Zone, now: LocalTime): boolean {
  if (rule.kind === 'every') return true
  if (rule.kind === 'weeks') return modulo(weekNumber(zone, now) - rule.offset, rule.every) === 0
  if (rule.nth > 0) return Math.ceil(now.day / 7) === rule.nth
  const length = new Date(Date.UTC(now.year, now.month, 0)).getUTCDate()
  return -Math.ceil((length - now.day + 1) / 7) === rule.nth
}

/**
 * fugit's "rweek": 1 is the week from Tuesday, 1 January 2019, noon to noon. Counted in elapsed time, so that a Tuesday
 * in summer, one hour short, still belongs to the week before.
 */
function weekNumber(zone: Zone, { at, year, month, day }: LocalTime): number {
  const first = zone.instant(2019, 1, 1, 12) ?? 0
  const noon = zone.instant(year, month, day, 12) ?? at
  return Math.floor((noon - first) / WEEK) + 1
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
