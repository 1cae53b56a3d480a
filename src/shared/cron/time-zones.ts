import { closest } from '../closest.ts'
import { IANA_TIME_ZONES } from './iana-time-zones.ts'
import { RAILS_TIME_ZONES } from './rails-time-zones.ts'

let known: ReadonlySet<string> | undefined

function ianaNames(): ReadonlySet<string> {
  return (known ??= new Set([...IANA_TIME_ZONES.trim().split(/\s+/), ...Intl.supportedValuesOf('timeZone')]))
}

/**
 * The IANA name behind a schedule's `cron_timezone`: an IANA name, one of Rails' names (`Pacific Time (US & Canada)`),
 * or an offset (`+05:30`, under 12 hours). Undefined when GitLab knows no such zone. Case matters, as it does there.
 */
export function resolveTimeZone(name: string): string | undefined {
  const zone = RAILS_TIME_ZONES.get(name) ?? name
  const offset = /^([+-](?:0\d|1[01])):?(00|15|30|45)$/.exec(zone)
  if (offset) return `${offset[1]}:${offset[2]}`
  return ianaNames().has(zone) && isKnown(zone) ? zone : undefined
}

/**
 * The name that somebody may have meant by one that GitLab does not know: `Berlim` Berlin, `tokyo` Tokyo, `Kolkata`
 * Asia/Kolkata.
 */
export function nearTimeZone(name: string): string | undefined {
  const names = [...RAILS_TIME_ZONES.keys(), ...ianaNames()]
  const wanted = plain(name)
  if (wanted === '') return undefined
  return (
    names.find((candidate) => plain(candidate) === wanted) ??
    names.find((candidate) => plain(candidate).endsWith(`/${wanted}`)) ??
    names.find((candidate) => plain(candidate).startsWith(`${wanted}_(`)) ??
    closest(name, names)
  )
}

/** Without what people get wrong most: case and blanks. */
function plain(name: string): string {
  return name.trim().toLowerCase().replaceAll(' ', '_')
}

const here = new Map<string, boolean>()

/**
 * Whether this Node's own database has the zone too. Remembered: asking takes a tenth of a millisecond, for each
 * schedule of a file.
 */
function isKnown(zone: string): boolean {
  const answer = here.get(zone) ?? isHere(zone)
  here.set(zone, answer)
  return answer
}

function isHere(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en-US', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
