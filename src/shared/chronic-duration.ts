// Durations of `timeout`, `expire_in`, `start_in` and `auto_stop_in`: the gem gitlab-chronic-duration 0.10, with exceptions on, as
// GitLab sets it.
import { numerize } from './number-words.ts'

/** Longer texts are not durations. */
const MAX_LENGTH = 1_000

const MONTH = 30 * 24 * 3600

/** A year is 365.25 days. */
const UNITS = {
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 24 * 3600,
  weeks: 7 * 24 * 3600,
  months: MONTH,
  years: 31_557_600,
}
type Unit = keyof typeof UNITS

const WORDS = new Map<string, Unit>([
  ...words('seconds', 'seconds', 'second', 'secs', 'sec', 's'),
  ...words('minutes', 'minutes', 'minute', 'mins', 'min', 'm'),
  ...words('hours', 'hours', 'hour', 'hrs', 'hr', 'h'),
  ...words('days', 'days', 'day', 'dy', 'd'),
  ...words('weeks', 'weeks', 'week', 'wks', 'wk', 'w'),
  ...words('months', 'months', 'mo', 'mos', 'month'),
  ...words('years', 'years', 'year', 'yrs', 'yr', 'y'),
])

const FILLERS = new Set(['and', 'with', 'plus'])

/** The parts of `1:30:00`, from the right. */
const CLOCK: readonly Unit[] = ['seconds', 'minutes', 'hours', 'days', 'months', 'years']

const NUMBER = /[0-9]*\.?[0-9]+/g

/** Seconds (fractions are possible: `0.5 sec`), or null for what GitLab refuses, also for nothing and for 0. */
export function parseDuration(text: string): number | null {
  if (text.length > MAX_LENGTH) return null
  const lower = text.toLowerCase()
  const numbered = hasNumberWords(lower) ? numerize(lower) : lower.replaceAll(/ +/g, ' ')
  const spelled = readClock(numbered)
  const tokens = spelled === null ? null : readTokens(spelled)
  const seconds = tokens === null ? 0 : sum(tokens)
  return seconds === 0 || Number.isNaN(seconds) ? null : seconds
}

/** A duration as Go prints it: `1h0m0s`, `1m30s`, `1.5s`, `300ms`, `0s`. */
export function formatGoDuration(seconds: number): string {
  const nanoseconds = Math.round(Math.abs(seconds) * 1e9)
  const sign = seconds < 0 && nanoseconds > 0 ? '-' : ''
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${sign}${nanoseconds / 1e3}µs`
  if (nanoseconds < 1e9) return `${sign}${nanoseconds / 1e6}ms`
  const whole = Math.floor(nanoseconds / 1e9)
  const fraction = String(nanoseconds % 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '')
  const rest = `${whole % 60}${fraction === '' ? '' : `.${fraction}`}s`
  const minutes = Math.floor(whole / 60)
  if (minutes === 0) return sign + rest
  return minutes < 60
    ? `${sign}${minutes}m${rest}`
    : `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`
}

/** False for nearly all real durations: only digits, units and fillers, so the two hundred patterns of `numerize` need not be built. */
function hasNumberWords(text: string): boolean {
  if (/[^\w\s.,:]/.test(text)) return true
  return (text.match(/[a-z_]+/g) ?? []).some((word) => !WORDS.has(word) && !FILLERS.has(word))
}

/** Turns `1:30` into `1 minutes 30 seconds`; null for more parts than there are units. */
function readClock(text: string): string | null {
  const joined = text.replaceAll(' ', '')
  if (!/[0-9]*\.?[0-9]+(?::[0-9]*\.?[0-9]+)+/.test(joined)) return text
  const parts = joined.replace(/:+$/, '').split(':')
  if (parts.length > CLOCK.length) return null
  return parts.map((part, index) => `${part} ${CLOCK[parts.length - 1 - index] ?? ''}`).join(' ')
}

/** Numbers and units; null as soon as a word is neither, nor a filler. */
function readTokens(text: string): string[] | null {
  const tokens: string[] = []
  for (const word of text.replaceAll(NUMBER, ' $& ').split(/[ \t\n\v\f\r]+/)) {
    if (word === '') continue
    if (isNumber(word)) tokens.push(word)
    else {
      const name = word.replace(/^,/gm, '').replace(/,$/gm, '')
      const unit = WORDS.get(name)
      if (unit !== undefined) tokens.push(unit)
      else if (!FILLERS.has(name)) return null
    }
  }
  // `day` alone is one day.
  return tokens[0] !== undefined && WORDS.has(tokens[0]) ? ['1', ...tokens] : tokens
}

/** Each number times the unit behind it; the last may have none (seconds); a number before a number counts nothing. */
function sum(tokens: readonly string[]): number {
  return tokens.reduce(
    (total, token, index) =>
      isNumber(token) ? total + toNumber(token) * factor(tokens[index + 1] ?? 'seconds') : total,
    0,
  )
}

function factor(word: string): number {
  return UNITS[WORDS.get(word) ?? 'seconds'] * Number(WORDS.has(word))
}

function isNumber(word: string): boolean {
  return /[0-9]/.test(word)
}

/** Ruby's `to_f`, which reads as far as it can: `.5` is 0.5. */
function toNumber(word: string): number {
  return Number.parseFloat(word)
}

function words(unit: Unit, ...names: string[]): [string, Unit][] {
  return names.map((name) => [name, unit])
}
