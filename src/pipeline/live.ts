import type { PipelineEvent } from '../model/events.ts'
import type { FailureReason } from '../model/failure-reason.ts'
import type { JobNode } from '../model/job.ts'
import { isCompleted, type Status } from '../model/status.ts'
import type { Durability } from '../store/database.ts'
import type { JobHead } from '../store/job-schedule.ts'
import type { Store } from '../store/store.ts'
import { buildGraph, type PipelineGraph } from './graph.ts'
import { recent } from './recent.ts'
import { nextForResource, type ResourceKey } from './resource.ts'
import { mayGo } from './transitions.ts'

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
   * `from` are left out. `alongside` runs first, in the same transaction, and may still add changes. A job of a resource group
   * that is to become pending waits for the resource first. Pipelines of other processes may be changed too: their owner is left
   * a note. Returns how many of the changes were applied.
   */
  apply(
    pipelineId: number,
    durability: Durability,
    changes: readonly Change[],
    alongside?: () => void,
  ): number
  /** Several of these in one transaction: all of them hold, or none. What changed is announced at the end. */
  together<T>(durability: Durability, deed: () => T): T
  /** Puts a new attempt in the place of an old one, inside the transaction of `apply`. */
  supersede(pipelineId: number, oldJobId: number, newJob: JobHead): void
  /** Ids of skipped jobs that come after this one. */
  skippedAfter(pipelineId: number, jobId: number): number[]
  /** Whether a job moves on without a person; undefined when the pipeline is not in memory. */
  isMoving(pipelineId: number): boolean | undefined
  /** How many jobs do; undefined when the pipeline is not in memory. */
  movingCount(pipelineId: number): number | undefined
  /** Gives what is free of these groups to the next that waits, where that is a job of this process. */
  grant(groups: readonly ResourceKey[]): void
  /** Forgets what is in memory; the next call reads the rows again. */
  forget(pipelineId: number): void
}

interface Live {
  readonly projectId: number
  readonly graph: PipelineGraph
  readonly heads: Map<number, JobHead>
  /** How many; retries do not change it. */
  readonly jobs: number
  status: Status
  /** Another process's: not kept, since that one changes the rows too. */
  readonly foreign: boolean
}

/** What one transaction has come to. */
interface Round {
  readonly events: PipelineEvent[]
  readonly used: Map<number, Live>
  /** Resource groups in which somebody may start now, by project and key. */
  readonly groups: Map<string, ResourceKey>
}

/** Pipelines of so many jobs together stay in memory, the last few in any case: thousands may wait, large ones may take turns. */
const IN_MEMORY = { weight: 5_000, atLeast: 4 }

/** A job in one of these moves on without a person. */
export const MOVING: readonly Status[] = [
  'pending',
  'preparing',
  'running',
  'canceling',
  'waiting_for_resource',
  'waiting_for_callback',
  'scheduled',
]

export function livePipelines(
  store: Store,
  processId: number,
  now: () => number,
  announce: (events: readonly PipelineEvent[]) => void,
): LivePipelines {
  const pipelines = recent<Live>(({ jobs }) => jobs, IN_MEMORY)
  /** The transaction that is under way. */
  let current: Round | undefined

  function build(pipelineId: number, projectId: number, status: Status, foreign: boolean): Live {
    const heads = store.jobs.headsOf(pipelineId)
    return {
      projectId,
      graph: buildGraph(toNodes(heads, store.jobs.needsOfPipeline(pipelineId))),
      heads: new Map(heads.map((head) => [head.id, head])),
      jobs: heads.length,
      status,
      foreign,
    }
  }

  function liveOf(pipelineId: number): Live {
    const known = pipelines.get(pipelineId)
    if (known) return known
    const row = store.pipelines.ownershipOf(pipelineId)
    if (!row) throw new Error(`there is no pipeline ${pipelineId}`)
    const live = build(pipelineId, row.projectId, row.status, row.owner !== processId)
    pipelines.use(pipelineId, live)
    return live
  }

  /** The picture of a pipeline as its rows are now: nobody else writes while the transaction lasts. */
  function open(pipelineId: number, round: Round): Live {
    const opened = round.used.get(pipelineId)
    if (opened) return opened
    const row = store.pipelines.ownershipOf(pipelineId)
    if (!row) throw new Error(`there is no pipeline ${pipelineId}`)
    const foreign = row.owner !== processId
    if (foreign || row.touched === 1) pipelines.drop(pipelineId)
    if (foreign) store.pipelines.setTouched(pipelineId, true)
    const live = liveOf(pipelineId)
    pipelines.use(pipelineId, live)
    round.used.set(pipelineId, live)
    return live
  }

  function set(round: Round, pipelineId: number, live: Live, change: Change): boolean {
    const { jobId, from } = change
    const head = live.heads.get(jobId) ?? store.jobs.headOf(jobId)
    const { resourceGroup: key } = head
    const waits = change.to === 'pending' && key !== null && from !== 'waiting_for_resource'
    const to = waits ? 'waiting_for_resource' : change.to
    if (head.kind === 'build' && !mayGo(from, to))
      throw new Error(`job ${jobId} cannot go from ${from} to ${to}`)
    const at = now()
    const scheduledAt = to === 'scheduled' ? at + (head.startIn ?? 0) * 1000 : null
    if (!store.jobs.setStatus({ ...change, id: jobId, to, now: at, scheduledAt })) return false
    store.deployments.follow(jobId, to, at)
    live.graph.change(jobId, to, change.allowFailure)
    round.events.push({ type: 'job', pipelineId, projectId: live.projectId, jobId, from, to })
    if (key !== null && to !== 'pending' && to !== 'running') {
      round.groups.set(`${live.projectId} ${key}`, { projectId: live.projectId, key })
    }
    return true
  }

  function work(round: Round, pipelineId: number, changes: readonly Change[]): number {
    const live = open(pipelineId, round)
    let applied = 0
    for (const change of changes) if (set(round, pipelineId, live, change)) applied++
    for (const { jobId, to } of live.graph.advance()) {
      if (!set(round, pipelineId, live, { jobId, from: 'created', to }))
        throw new Error(`job ${jobId} is not in the state that the graph believes`)
    }
    const status = live.graph.status()
    if (status !== live.status) {
      store.pipelines.setStatus(pipelineId, status, now(), {
        started: status === 'running',
        finished: isCompleted(status),
      })
      round.events.push({
        type: 'pipeline',
        pipelineId,
        projectId: live.projectId,
        from: live.status,
        to: status,
      })
      live.status = status
    }
    return applied
  }

  /** A Map may grow under its loop: who gets a resource may end another pipeline's wait, and so on. */
  function grantAll(round: Round): void {
    for (const group of round.groups.values()) {
      const next = nextForResource(store, processId, group)
      if (!next) continue
      work(round, next.pipelineId, [{ jobId: next.id, from: 'waiting_for_resource', to: 'pending' }])
    }
  }

  function transact<T>(durability: Durability, deed: (round: Round) => T): T {
    if (current) return deed(current)
    const round: Round = { events: [], used: new Map(), groups: new Map() }
    try {
      current = round
      const result = store.write(durability, () => {
        const done = deed(round)
        grantAll(round)
        return done
      })
      current = undefined
      for (const [id, live] of round.used) if (live.foreign || isCompleted(live.status)) pipelines.drop(id)
      pipelines.shrink()
      announce(round.events)
      return result
    } catch (error) {
      current = undefined
      // The rows were rolled back, the graphs were not: drop them, so that they are made from the rows again.
      for (const id of round.used.keys()) pipelines.drop(id)
      throw error
    }
  }

  return {
    apply: (pipelineId, durability, changes, alongside) =>
      transact(durability, (round) => {
        open(pipelineId, round)
        alongside?.()
        return work(round, pipelineId, changes)
      }),
    together: (durability, deed) => transact(durability, () => deed()),
    supersede(pipelineId, oldJobId, newJob) {
      const live = liveOf(pipelineId)
      live.graph.replace(oldJobId, newJob.id, newJob)
      live.heads.delete(oldJobId)
      live.heads.set(newJob.id, newJob)
    },
    skippedAfter: (pipelineId, jobId) => liveOf(pipelineId).graph.skippedAfter(jobId),
    isMoving: (pipelineId) => pipelines.get(pipelineId)?.graph.hasAny(MOVING),
    movingCount: (pipelineId) => pipelines.get(pipelineId)?.graph.countOf(MOVING),
    grant: (groups) =>
      transact('normal', (round) => {
        for (const group of groups) round.groups.set(`${group.projectId} ${group.key}`, group)
      }),
    forget: (pipelineId) => pipelines.drop(pipelineId),
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
