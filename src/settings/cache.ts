import { parseByteSize } from './byte-size.ts'
import type { Report } from './report.ts'
import type { CacheSettings } from './settings.ts'
import { DEFAULT_CACHE } from './settings.ts'
import { optional, readFields, wrongType, type Place } from './shape.ts'

const KEYS = ['dir', 'max_size'] as const

/** `cache`: where the caches of jobs are kept, and how much of them for each project. */
export function readCache(
  report: Report,
  place: Place,
  readPath: (report: Report, place: Place) => string | undefined,
): CacheSettings | undefined {
  const fields = readFields(report, place, KEYS)
  return (
    fields && {
      dir: optional(report, fields.dir, DEFAULT_CACHE.dir, readPath),
      maxSize: optional(report, fields.max_size, DEFAULT_CACHE.maxSize, readByteSize),
    }
  )
}

/** `500 MB` and the like, in bytes. */
export function readByteSize(report: Report, place: Place): number | undefined {
  const bytes = place.node.kind === 'scalar' ? parseByteSize(place.node.text) : undefined
  return bytes ?? wrongType(report, place, 'a size such as 1 GiB, 500 MB or a number of bytes')
}
