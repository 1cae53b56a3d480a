import { DEFAULT_HTTP_LIMITS, DEFAULT_LIMITS, type EngineLimits, type HttpLimits } from '../model/limits.ts'
import { parseByteSize } from './byte-size.ts'
import type { Report } from './report.ts'
import { readFields, readWholeNumber, wrongType, type Place } from './shape.ts'

export type Limits = EngineLimits & HttpLimits

export const ALL_LIMITS: Limits = { ...DEFAULT_LIMITS, ...DEFAULT_HTTP_LIMITS }

/** `limits:`. Every limit of the model has a key: its name with underscores. Bytes may be written as sizes (`25 MiB`). */
export function readLimits(report: Report, place: Place): Limits | undefined {
  const names = Object.keys(ALL_LIMITS)
  const fields = readFields(report, place, names.map(keyOf))
  if (!fields) return undefined
  const given = names.flatMap((name) => {
    const at = fields[keyOf(name)]
    const value = at && (isSize(name) ? readSize(report, at) : readWholeNumber(report, at, 0))
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...ALL_LIMITS, ...Object.fromEntries(given) }
}

/** `schedulesPerProject` as it is written in the file: `schedules_per_project`. */
export function keyOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function isSize(name: string): boolean {
  return /bytes$/i.test(name)
}

function readSize(report: Report, place: Place): number | undefined {
  const bytes = place.node.kind === 'scalar' ? parseByteSize(place.node.text) : undefined
  return bytes ?? wrongType(report, place, 'a size such as 25 MiB or a number of bytes')
}
