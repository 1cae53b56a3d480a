import { type ArtifactRules, DEFAULT_ARTIFACT_RULES } from '../model/limits.ts'
import { parseDuration } from '../shared/chronic-duration.ts'
import type { Report } from './report.ts'
import { optional, readFields, readFlag, wrongType, type Place } from './shape.ts'

const KEYS = ['expire_in', 'keep_latest'] as const

/** `artifacts`: how long what jobs leave is kept. */
export function readArtifactRules(report: Report, place: Place): ArtifactRules | undefined {
  const fields = readFields(report, place, KEYS)
  return (
    fields && {
      expireSeconds: optional(report, fields.expire_in, DEFAULT_ARTIFACT_RULES.expireSeconds, readExpiry),
      keepLatest: optional(report, fields.keep_latest, DEFAULT_ARTIFACT_RULES.keepLatest, readFlag),
    }
  )
}

/** In the words of `artifacts:expire_in`; 0 stands for `never`. */
function readExpiry(report: Report, place: Place): number | undefined {
  const text = place.node.kind === 'scalar' ? place.node.text : ''
  if (text === 'never') return 0
  return parseDuration(text) ?? wrongType(report, place, 'a duration such as 30 days, or never')
}
