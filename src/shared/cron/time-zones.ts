import { IANA_TIME_ZONES } from './iana-time-zones.ts'
import { RAILS_TIME_ZONES } from './rails-time-zones.ts'

let names: ReadonlySet<string> | undefined

/**
 * The IANA name behind a schedule's `cron_timezone`: an IANA name, one of Rails' names (`Pacific Time (US & Canada)`),
 * or an offset (`+05:30`, under 12 hours). Undefined when GitLab knows no such zone. Case matters, as it does there.
 */
export function resolveTimeZone(name: string): string | undefined {
  const zone = RAILS_TIME_ZONES.get(name) ?? name
  const offset = /^([+-](?:0\d|1[01])):?(00|15|30|45)$/.exec(zone)
  if (offset) return `${offset[1]}:${offset[2]}`
  names ??= new Set([...IANA_TIME_ZONES.split(/\s+/), ...Intl.supportedValuesOf('timeZone')])
  return zone !== '' && names.has(zone) && isKnown(zone) ? zone : undefined
}

/** Whether this Node's own database has the zone too. */
function isKnown(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en-US', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
