import { RETENTION_PARTS, type RetentionRules } from '../model/retention.ts'
import { parseDuration } from '../shared/chronic-duration.ts'
import { compileRefPattern } from '../shared/ref-pattern.ts'
import { parseByteSize } from './byte-size.ts'
import { complain, type Report } from './report.ts'
import {
  optional,
  readFields,
  readFlag,
  readItems,
  readText,
  readWholeNumber,
  required,
  wrongType,
  type Place,
} from './shape.ts'

const KEYS = [...RETENTION_PARTS, 'keep_n', 'keep_latest_success', 'keep'] as const
const RULE_KEYS = ['ref', 'keep_n'] as const

/** `retention:`, of the daemon or of a project. What is not written is as in `base`. */
export function readRetention(
  report: Report,
  place: Place,
  base: RetentionRules,
): RetentionRules | undefined {
  const fields = readFields(report, place, KEYS)
  if (!fields) return undefined
  const count = (_: Report, at: Place): number | undefined => readWholeNumber(report, at, 0)
  return {
    pipelines: readCounted(report, fields.pipelines, base.pipelines),
    logs: readBounds(report, fields.logs, base.logs),
    artifacts: readBounds(report, fields.artifacts, base.artifacts),
    caches: readBounds(report, fields.caches, base.caches),
    deliveries: readCounted(report, fields.deliveries, base.deliveries),
    keepN: optional(report, fields.keep_n, base.keepN, count),
    keepLatestSuccess: optional(report, fields.keep_latest_success, base.keepLatestSuccess, readFlag),
    keep: optional(report, fields.keep, base.keep, readRules),
  }
}

function readBounds<Bounds extends RetentionRules['logs']>(
  report: Report,
  place: Place | undefined,
  base: Bounds,
): RetentionRules['logs'] {
  return optional(report, place, base, (_, at) => {
    const fields = readFields(report, at, ['age', 'size'])
    return (
      fields && {
        ageMs: optional(report, fields.age, base.ageMs, readAge),
        bytes: optional(report, fields.size, base.bytes, readSize),
      }
    )
  })
}

function readCounted(
  report: Report,
  place: Place | undefined,
  base: RetentionRules['pipelines'],
): RetentionRules['pipelines'] {
  return optional(report, place, base, (_, at) => {
    const fields = readFields(report, at, ['age', 'count', 'size'])
    return (
      fields && {
        ageMs: optional(report, fields.age, base.ageMs, readAge),
        count: optional(report, fields.count, base.count, readCount),
        bytes: optional(report, fields.size, base.bytes, readSize),
      }
    )
  })
}

/** A list of `{ref, keep_n}`; one with a pattern that does not compile is left out. */
function readRules(report: Report, place: Place): RetentionRules['keep'] {
  return readItems(report, place).flatMap((item) => {
    const fields = readFields(report, item, RULE_KEYS)
    const refPlace = fields && required(report, item, fields, 'ref')
    const countPlace = fields && required(report, item, fields, 'keep_n')
    const ref = refPlace && readPattern(report, refPlace)
    const keepN = countPlace && readWholeNumber(report, countPlace, 0)
    return ref === undefined || keepN === undefined ? [] : [{ ref, keepN }]
  })
}

function readPattern(report: Report, place: Place): string | undefined {
  const text = readText(report, place)
  const pattern = text === undefined ? undefined : compileRefPattern(text)
  if (pattern === undefined || pattern.ok) return text
  return complain(report, place.node.span, {
    code: 'invalid_pattern',
    message: `${place.path} is no pattern of refs: ${pattern.error}`,
  })
}

/** In the words of `artifacts:expire_in`. */
function readAge(report: Report, place: Place): number | undefined {
  const text = textOf(place)
  if (text === 'never') return Infinity
  const seconds = parseDuration(text)
  return seconds !== null && seconds > 0
    ? seconds * 1000
    : wrongType(report, place, 'a duration such as 30 days, or never')
}

function readSize(report: Report, place: Place): number | undefined {
  const text = textOf(place)
  if (text === 'unlimited') return Infinity
  return parseByteSize(text) ?? wrongType(report, place, 'a size such as 10 GiB, or unlimited')
}

function readCount(report: Report, place: Place): number | undefined {
  return textOf(place) === 'unlimited' ? Infinity : readWholeNumber(report, place, 1)
}

function textOf({ node }: Place): string {
  return node.kind === 'scalar' ? node.text : ''
}
