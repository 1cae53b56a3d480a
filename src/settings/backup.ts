import { parseDuration } from '../shared/chronic-duration.ts'
import type { Report } from './report.ts'
import type { BackupSettings } from './settings.ts'
import { optional, readFields, readFlag, readWholeNumber, required, wrongType, type Place } from './shape.ts'

const KEYS = ['every', 'keep', 'path', 'with_files'] as const
const DEFAULT_KEEP = 7
const LEAST_SECONDS = 60

/** `backup`: copies of the state folder that the daemon makes by itself. */
export function readBackup(
  report: Report,
  place: Place,
  readPath: (report: Report, place: Place) => string | undefined,
): BackupSettings | undefined {
  const fields = readFields(report, place, KEYS)
  const every = fields && required(report, place, fields, 'every')
  const everyMs = every && readEvery(report, every)
  const keep = optional(report, fields?.keep, DEFAULT_KEEP, (_, at) => readWholeNumber(report, at, 1))
  const dir = optional(report, fields?.path, null, readPath)
  const withFiles = optional(report, fields?.with_files, false, readFlag)
  return everyMs === undefined ? undefined : { everyMs, keep, dir, withFiles }
}

/** In ms. */
function readEvery(report: Report, place: Place): number | undefined {
  const seconds = place.node.kind === 'scalar' ? parseDuration(place.node.text) : null
  return seconds !== null && seconds >= LEAST_SECONDS
    ? seconds * 1000
    : wrongType(report, place, 'a duration such as 1 day, at least one minute')
}
