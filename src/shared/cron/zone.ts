/** An instant, and what a clock on the wall of a zone shows then. Seconds throughout. */
export interface LocalTime {
  readonly at: number
  /** What must be added to UTC. */
  readonly offset: number
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  /** 0 is Sunday. */
  readonly weekDay: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** The clock of one time zone; instants are seconds since 1970. */
export interface Zone {
  offset(at: number): number
  local(at: number): LocalTime
  /** The first instant at which the wall clock shows this hour of this day; undefined when it is left out there. */
  instant(year: number, month: number, day: number, hour: number): number | undefined
}

const DAY = 86_400
/** Days whose offset is remembered in each zone; a year of a schedule needs 365. */
const MOST_DAYS = 4096

const zones = new Map<string, Zone>()

/** The zone of a name that `resolveTimeZone` gave; a RangeError for any other. */
export function openZone(name: string): Zone {
  let zone = zones.get(name)
  if (!zone) zones.set(name, (zone = createZone(offsetsOf(name))))
  return zone
}

function createZone(offset: (at: number) => number): Zone {
  const local = (at: number): LocalTime => readWall(at, offset(at))
  const instant = (year: number, month: number, day: number, hour: number): number | undefined => {
    const wall = Date.UTC(year, month - 1, day, hour) / 1000
    const candidates = [wall - offset(wall - DAY), wall - offset(wall + DAY)]
    const valid = candidates.filter((at) => at + offset(at) === wall)
    return valid.length === 0 ? undefined : Math.min(...valid)
  }
  return { offset, local, instant }
}

function readWall(at: number, offset: number): LocalTime {
  const wall = new Date((at + offset) * 1000)
  return {
    at,
    offset,
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    weekDay: wall.getUTCDay(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
  }
}

function offsetsOf(name: string): (at: number) => number {
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(name)
  if (fixed) {
    const seconds = Number(fixed[2]) * 3600 + Number(fixed[3]) * 60
    return () => (fixed[1] === '-' ? -seconds : seconds)
  }
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  return rememberDays((at) => readOffset(format.format(at * 1000)))
}

/** Asks once for a day on which nothing changes: Intl takes a microsecond, and a search looks at hundreds of days. */
function rememberDays(ask: (at: number) => number): (at: number) => number {
  const starts = new Map<number, number>()
  const startOf = (day: number): number => {
    let offset = starts.get(day)
    if (offset !== undefined) return offset
    if (starts.size >= MOST_DAYS) starts.clear()
    starts.set(day, (offset = ask(day * DAY)))
    return offset
  }
  return (at) => {
    const day = Math.floor(at / DAY)
    const offset = startOf(day)
    return offset === startOf(day + 1) ? offset : ask(at)
  }
}

/** `11/22/2026, GMT+05:45`; a bare `GMT` is no offset. */
function readOffset(text: string): number {
  const [, sign, hours, minutes, seconds] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  return sign === '-' ? -size : size
}
