import type { When } from '../model/plan.ts'
import { isCompleted, type Status } from '../model/status.ts'
import type { CompositeMode } from './composite-status.ts'

/** Where a job that has not been processed goes next. */
export type FirstMove = 'pending' | 'manual' | 'scheduled' | 'skipped'

/** GitLab's ProcessBuildService: for each `when`, what may have come before, by stages or by `needs`. */
const allowed: Readonly<Record<When, Readonly<Record<CompositeMode, readonly Status[]>>>> = {
  on_success: { stage: ['success', 'skipped'], needs: ['success'] },
  manual: { stage: ['success', 'skipped'], needs: ['success'] },
  delayed: { stage: ['success', 'skipped'], needs: ['success'] },
  on_failure: { stage: ['failed'], needs: ['failed'] },
  always: { stage: ['success', 'failed', 'skipped'], needs: ['success', 'failed', 'skipped'] },
}

/**
 * The whole rule "may this job start?". `previous` is the composite status of the job's needs, or of all earlier stages.
 * Undefined while that is not decided.
 */
export function firstMove(when: When, previous: Status, mode: CompositeMode): FirstMove | undefined {
  if (!isCompleted(previous)) return undefined
  if (!allowed[when][mode].includes(previous)) return 'skipped'
  if (when === 'manual') return 'manual'
  return when === 'delayed' ? 'scheduled' : 'pending'
}
