import type { RetentionRules } from '../../model/retention.ts'
import { compileRefPattern } from '../../shared/ref-pattern.ts'
import type { RetentionRow } from '../../store/retention.ts'

/**
 * What becomes of a pipeline. Of its artifacts `expired` are those without a date on which they expire, and those whose
 * date has passed.
 */
export interface Verdict {
  readonly pipeline: 'keep' | 'remove'
  readonly logs: 'keep' | 'remove'
  readonly artifacts: 'keep' | 'expired' | 'all'
}

const KEEP: Verdict = { pipeline: 'keep', logs: 'keep', artifacts: 'keep' }

/**
 * Judges the pipelines of one project, which must come newest first: what is newer fills the bounds. `now` in ms. What
 * is at work always stays, and what the keep rules hold; both count towards the bounds. GitLab: one that waits for a
 * person goes like the others.
 */
export function makeJudge(rules: RetentionRules, now: number): (row: RetentionRow) => Verdict {
  const kept = makeKeeper(rules)
  let count = 0
  let bytes = 0
  let logBytes = 0
  let artifactBytes = 0

  return (row) => {
    const isKept = kept(row)
    if (row.child === 0) count++
    bytes += row.logBytes + row.artifactBytes
    logBytes += row.logBytes
    artifactBytes += row.artifactBytes
    const waits = row.status === 'manual'
    const ended = waits ? row.updatedAt : row.finishedAt
    if (ended === null || isKept) return KEEP
    const age = now - ended
    const { pipelines, logs, artifacts } = rules
    // A child pipeline goes when the one goes that started it.
    const isTooMuch = age > pipelines.ageMs || count > pipelines.count || bytes > pipelines.bytes
    if (isTooMuch && row.child === 0) return { pipeline: 'remove', logs: 'remove', artifacts: 'all' }
    if (waits) return KEEP
    return {
      pipeline: 'keep',
      logs: row.logBytes > 0 && (age > logs.ageMs || logBytes > logs.bytes) ? 'remove' : 'keep',
      artifacts:
        row.artifactBytes === 0
          ? 'keep'
          : artifactBytes > artifacts.bytes
            ? 'all'
            : age > artifacts.ageMs
              ? 'expired'
              : 'keep',
    }
  }
}

/** The newest of each branch and tag, and its newest success; nothing of one that was deleted. */
function makeKeeper(rules: RetentionRules): (row: RetentionRow) => boolean {
  const patterns = rules.keep.map(({ ref, keepN }) => {
    const pattern = compileRefPattern(ref)
    return { matches: pattern.ok ? pattern.value : () => false, keepN }
  })
  const seen = new Map<string, { count: number; success: boolean }>()
  return ({ ref, tag, child, status, refExists }) => {
    if (child === 1 || refExists === 0) return false
    const key = `${tag} ${ref}`
    const known = seen.get(key) ?? { count: 0, success: false }
    seen.set(key, known)
    known.count++
    const isNewestSuccess = status === 'success' && !known.success
    known.success ||= status === 'success'
    const keepN = patterns.find(({ matches }) => matches(ref))?.keepN ?? rules.keepN
    return known.count <= keepN || (isNewestSuccess && rules.keepLatestSuccess)
  }
}
