import type { FailureReason } from '../model/failure-reason.ts'
import type { StatusAtWork } from '../store/job-clock.ts'
import type { EngineContext } from './context.ts'
import { finishJob } from './finish.ts'

/**
 * Ends jobs that nobody will end. GitLab: pending too long, pending without a runner that could take them, running without a sign of
 * life or beyond their time, canceling without an end. `steadyMs`: how long the clock has run evenly; no limit longer than that
 * has any force, since a clock that was set says nothing about waiting.
 */
export function endStuck(context: EngineContext, holds: (jobId: number) => boolean, steadyMs: number): void {
  const { store, clock, limits, processId, hasRunner } = context
  const now = clock.now()

  function past(seconds: number): number | undefined {
    return seconds * 1000 <= steadyMs ? now - seconds * 1000 : undefined
  }

  function fail(jobId: number, reason: FailureReason): void {
    const job = store.jobs.find(jobId)
    if (job) finishJob(context, job, { state: 'failed', reason, exitCode: null })
  }

  function unchanged(
    status: StatusAtWork,
    seconds: number,
  ): readonly { readonly id: number; readonly projectId: number }[] {
    const before = past(seconds)
    return before === undefined ? [] : store.jobClock.unchangedSince(status, before, processId)
  }

  for (const { id } of unchanged('pending', limits.pendingSeconds)) fail(id, 'stuck_or_timeout_failure')
  if (hasRunner) {
    for (const { id, projectId } of unchanged('pending', limits.pendingWithoutRunnerSeconds)) {
      if (!hasRunner(projectId, store.jobs.optionsOf(id).tags)) fail(id, 'stuck_or_timeout_failure')
    }
  }
  for (const { id } of unchanged('running', limits.silentSeconds))
    if (!holds(id)) fail(id, 'stuck_or_timeout_failure')
  for (const { id } of unchanged('canceling', limits.cancelingSeconds)) fail(id, 'stuck_or_timeout_failure')
  const before = past(limits.overtimeSeconds)
  if (before === undefined) return
  for (const { id } of store.jobClock.overTime(before, processId))
    if (!holds(id)) fail(id, 'job_execution_timeout')
}
