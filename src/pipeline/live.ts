import type { PipelineEvent } from '../model/events.ts'
import type { FailureReason } from '../model/failure-reason.ts'
import type { JobNode } from '../model/job.ts'
import { isCompleted, type Status } from '../model/status.ts'
import type { Durability } from '../store/database.ts'
import type { JobHead } from '../store/jobs.ts'
import type { Store } from '../store/store.ts'
import { buildGraph, type PipelineGraph } from './graph.ts'

/** A job's change of status, wished for by whoever knows of it. */
export interface Change {
  readonly jobId: number
  readonly from: Status
  readonly to: Status
  readonly failureReason?: FailureReason
  readonly exitCode?: number
  readonly allowFailure?: boolean
}

/** The pipelines this process works on, each with its graph; and the one place where their rows change. */
export interface LivePipelines {
  /**
   * Applies changes and all that follows from them in one transaction, then announces it. Changes whose job is no longer in
   * `from` are left out. `alongside` runs first, in the same transaction. Returns how many of the changes were applied.
   */
  apply(
    pipelineId: number,
    durability: Durability,
    changes: readonly Change[],
    alongside?: () => void,
  ): number
  /** Puts a new attempt in the place of an old one, inside the transaction of `apply`. */
  supersede(pipelineId: number, oldJobId: number, newJob: JobHead): void
  /** Ids of skipped jobs that come after this one. */
  skippedAfter(pipelineId: number, jobId: number): number[]
  /** Forgets what is in memory; the next call reads the rows again. */
  forget(pipelineId: number): void
}

interface Live {
  readonly projectId: number
  readonly graph: PipelineGraph
  readonly heads: Map<number, JobHead>
  status: Status
}

export function livePipelines(
  store: Store,
  now: () => number,
  announce: (events: readonly PipelineEvent[]) => void,
): LivePipelines {
  const pipelines = new Map<number, Live>()

  function liveOf(pipelineId: number): Live {
    const known = pipelines.get(pipelineId)
    if (known) return known
    const row = store.pipelines.find(pipelineId)
    if (!row) throw new Error(`there is no pipeline ${pipelineId}`)
    const heads = store.jobs.headsOf(pipelineId)
    const live = {
      projectId: row.projectId,
      graph: buildGraph(toNodes(heads, store.jobs.needsOfPipeline(pipelineId))),
      heads: new Map(heads.map((head) => [head.id, head])),
      status: row.status,
    }
    pipelines.set(pipelineId, live)
    return live
  }

  function applyInTransaction(
    pipelineId: number,
    live: Live,
    changes: readonly Change[],
  ): { applied: number; events: PipelineEvent[] } {
    const at = now()
    const events: PipelineEvent[] = []
    let applied = 0
    const { projectId } = live
    for (const { jobId, ...change } of changes) {
      if (!store.jobs.setStatus({ ...change, id: jobId, now: at })) continue
      live.graph.change(jobId, change.to, change.allowFailure)
      events.push({ type: 'job', pipelineId, projectId, jobId, from: change.from, to: change.to })
      applied++
    }
    for (const { jobId, to } of live.graph.advance()) {
      const startIn = live.heads.get(jobId)?.startIn ?? 0
      const scheduledAt = to === 'scheduled' ? at + startIn * 1000 : null
      if (!store.jobs.setStatus({ id: jobId, from: 'created', to, now: at, scheduledAt })) {
        throw new Error(`job ${jobId} is not in the state that the graph believes`)
      }
      events.push({ type: 'job', pipelineId, projectId, jobId, from: 'created', to })
    }
    const status = live.graph.status()
    if (status !== live.status) {
      store.pipelines.setStatus(pipelineId, status, at, {
        started: status === 'running',
        finished: isCompleted(status),
      })
      events.push({ type: 'pipeline', pipelineId, projectId, from: live.status, to: status })
    }
    return { applied, events }
  }

  return {
    apply(pipelineId, durability, changes, alongside) {
      const live = liveOf(pipelineId)
      try {
        const { applied, events } = store.write(durability, () => {
          alongside?.()
          return applyInTransaction(pipelineId, live, changes)
        })
        live.status = live.graph.status()
        if (isCompleted(live.status)) pipelines.delete(pipelineId)
        announce(events)
        return applied
      } catch (error) {
        // The rows were rolled back, the graph was not: drop it, so that it is made from the rows again.
        pipelines.delete(pipelineId)
        throw error
      }
    },
    supersede(pipelineId, oldJobId, newJob) {
      const live = liveOf(pipelineId)
      live.graph.replace(oldJobId, newJob.id)
      live.heads.delete(oldJobId)
      live.heads.set(newJob.id, newJob)
    },
    skippedAfter: (pipelineId, jobId) => liveOf(pipelineId).graph.skippedAfter(jobId),
    forget: (pipelineId) => void pipelines.delete(pipelineId),
  }
}

function toNodes(
  heads: readonly JobHead[],
  needs: ReadonlyMap<number, readonly { readonly job: string }[]>,
): JobNode[] {
  const idOf = new Map(heads.map((head) => [head.name, head.id]))
  return heads.map((head) => ({
    ...head,
    // A need that is not in the pipeline was optional: the plan has checked it.
    needs: (needs.get(head.id) ?? []).flatMap((need) => idOf.get(need.job) ?? []),
  }))
}
