import type { Status } from '../model/status.ts'

/**
 * A job's status as it counts for others. GitLab: an allowed failure (or cancel) is a success with warnings, an optional
 * manual job that nobody has played is ignored.
 */
export type CountedStatus = Status | 'success_with_warnings' | 'ignored'

export function countedStatus(job: {
  readonly status: Status
  readonly allowFailure: boolean
}): CountedStatus {
  if (!job.allowFailure) return job.status
  if (job.status === 'failed' || job.status === 'canceled') return 'success_with_warnings'
  return job.status === 'manual' ? 'ignored' : job.status
}

/** `needs` asks more of what came before than a stage does: nothing may have been skipped or left unplayed. */
export type CompositeMode = 'stage' | 'needs'

/** In GitLab's order (Gitlab::Ci::Status::Composite): the first row whose words cover the whole set decides. */
const onlyRows: readonly (readonly [Status, readonly CountedStatus[]])[] = [
  ['skipped', ['skipped', 'ignored']],
  ['success', ['success', 'skipped', 'success_with_warnings', 'ignored']],
  ['created', ['created', 'success_with_warnings', 'ignored']],
  ['preparing', ['preparing', 'success_with_warnings', 'ignored']],
  ['canceled', ['canceled', 'success', 'skipped', 'success_with_warnings', 'ignored']],
  ['pending', ['pending', 'created', 'skipped', 'success_with_warnings', 'ignored']],
]

/** Then the first row of which the set has any. */
const anyRows: readonly (readonly [Status, readonly CountedStatus[]])[] = [
  ['running', ['running', 'pending']],
  ['waiting_for_resource', ['waiting_for_resource']],
  ['waiting_for_callback', ['waiting_for_callback']],
  ['manual', ['manual']],
  ['scheduled', ['scheduled']],
  ['preparing', ['preparing']],
  ['running', ['created']],
  ['canceling', ['canceling']],
]

/** The status of a stage, of a pipeline, or of everything before a job. No job at all counts as success. */
export function compositeStatus(statuses: ReadonlySet<CountedStatus>, mode: CompositeMode = 'stage'): Status {
  if (statuses.size === 0) return 'success'
  if (mode === 'needs' && (statuses.has('skipped') || statuses.has('ignored'))) return 'skipped'
  for (const [status, words] of onlyRows) if (everyOf(statuses, words)) return status
  for (const [status, words] of anyRows) if (words.some((word) => statuses.has(word))) return status
  return 'failed'
}

function everyOf(statuses: ReadonlySet<CountedStatus>, words: readonly CountedStatus[]): boolean {
  for (const status of statuses) if (!words.includes(status)) return false
  return true
}
