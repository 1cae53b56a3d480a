import type { JobNode } from '../model/job.ts'
import type { When } from '../model/plan.ts'
import { isCompleted, type Status } from '../model/status.ts'
import { compositeStatus, countedStatus, type CountedStatus } from './composite-status.ts'
import { firstMove, type FirstMove } from './readiness.ts'

/** A job that moves by itself, because of what came before it. */
export interface Transition {
  readonly jobId: number
  readonly to: FirstMove
}

/**
 * The live picture of one pipeline, made from rows and remade at any time. It exists for cost: when one job ends, only its
 * dependants and the first undecided stage are looked at, not all jobs.
 */
export interface PipelineGraph {
  /** What follows from all changes so far. Applies the moves to itself and returns them in order; empty when nothing moves. */
  advance(): Transition[]
  /** Records a job's new status. Unknown ids (superseded attempts) are ignored. */
  change(jobId: number, status: Status, allowFailure?: boolean): void
  /** A new attempt takes the place of an old one; who needed the old one needs the new one. */
  replace(oldId: number, newId: number, fresh?: Partial<Pick<JobNode, 'allowFailure' | 'enqueueNow'>>): void
  status(): Status
  /** Whether any job is in one of these. */
  hasAny(statuses: readonly Status[]): boolean
  /** How many jobs are in one of these; manual and ended ones that may fail are not told apart. */
  countOf(statuses: readonly Status[]): number
  statusOf(jobId: number): Status | undefined
  /** Jobs that come after this one, by stage or by needs, and were skipped: what a retry or a play revives. */
  skippedAfter(jobId: number): number[]
}

interface Node {
  id: number
  readonly stage: Stage
  readonly job: JobNode
  status: Status
  allowFailure: boolean
  enqueueNow: boolean
  readonly needs: Node[]
  readonly dependants: Node[]
  /** How many needs are not completed yet. */
  unmet: number
  /** How many needs were skipped, or are optional manual jobs that nobody has played: one of them decides at once. */
  lost: number
}

interface Stage {
  readonly index: number
  /** Its place among the stages that have jobs. */
  readonly position: number
  readonly counts: Map<CountedStatus, number>
  /** Stage-scheduled jobs that are still `created`. */
  readonly waiting: Set<Node>
}

/** Builds the graph from the latest attempt of every job. */
export function buildGraph(jobs: readonly JobNode[]): PipelineGraph {
  const stages = makeStages(jobs)
  const nodes = makeNodes(jobs, stages)
  const total = new Map<CountedStatus, number>()
  /** Jobs with `needs` that may be ripe: all at first, later only those whose last need has ended. */
  const ripe = new Set<Node>()
  /** Every stage before this one is completed, with nothing waiting in it: only what changes there brings it back. */
  let frontier = 0
  const passed = new Set<CountedStatus>()

  for (const node of nodes.values()) {
    count(node, 1)
    noteWaiting(node)
  }

  function count(node: Node, by: 1 | -1): void {
    const word = countedStatus(node)
    for (const counts of [node.stage.counts, total]) {
      const now = (counts.get(word) ?? 0) + by
      if (now === 0) counts.delete(word)
      else counts.set(word, now)
    }
  }

  function setStatus(node: Node, status: Status, allowFailure: boolean): void {
    const before = { unmet: isUnmet(node), lost: isLost(node) }
    count(node, -1)
    node.status = status
    node.allowFailure = allowFailure
    count(node, 1)
    noteWaiting(node)
    if (node.stage.position < frontier) frontier = 0
    const unmet = isUnmet(node) - before.unmet
    const lost = isLost(node) - before.lost
    if (unmet === 0 && lost === 0) return
    for (const dependant of node.dependants) {
      dependant.unmet += unmet
      dependant.lost += lost
      noteWaiting(dependant)
    }
  }

  function noteWaiting(node: Node): void {
    const waiting = node.job.scheduling === 'stage' ? node.stage.waiting : ripe
    if (node.status === 'created' && isRipe(node)) waiting.add(node)
    else waiting.delete(node)
  }

  function move(node: Node, to: FirstMove | undefined, moves: Transition[]): void {
    if (!to) return
    setStatus(node, to, node.allowFailure)
    moves.push({ jobId: node.id, to })
  }

  function advanceNeeds(moves: Transition[]): void {
    for (const node of ripe) {
      ripe.delete(node)
      const previous = compositeStatus(new Set(node.needs.map(countedStatus)), 'needs')
      move(node, firstMove(whenOf(node), previous, 'needs'), moves)
    }
  }

  function advanceStages(moves: Transition[]): void {
    if (frontier === 0) passed.clear()
    for (;;) {
      const stage = stages[frontier]
      if (!stage) return
      // What came before is completed, or the loop would not be here.
      const previous = compositeStatus(passed)
      // A job that moves leaves `waiting` under the loop, which a Set allows.
      for (const node of stage.waiting) move(node, firstMove(whenOf(node), previous, 'stage'), moves)
      // A set that holds one undecided status stays undecided whatever is added, so later stages wait too.
      const after = new Set([...passed, ...stage.counts.keys()])
      if (!isCompleted(compositeStatus(after))) return
      for (const word of after) passed.add(word)
      frontier++
    }
  }

  return {
    advance() {
      const moves: Transition[] = []
      for (let seen = -1; seen !== moves.length;) {
        seen = moves.length
        advanceNeeds(moves)
        advanceStages(moves)
      }
      return moves
    },
    change(jobId, status, allowFailure) {
      const node = nodes.get(jobId)
      if (node) setStatus(node, status, allowFailure ?? node.allowFailure)
    },
    replace(oldId, newId, fresh = {}) {
      const node = nodes.get(oldId)
      if (!node) return
      nodes.delete(oldId)
      nodes.set(newId, node)
      node.id = newId
      node.enqueueNow = fresh.enqueueNow ?? false
      setStatus(node, 'created', fresh.allowFailure ?? node.job.allowFailure)
    },
    status: () => compositeStatus(new Set(total.keys())),
    hasAny: (statuses) => statuses.some((status) => total.has(status)),
    countOf: (statuses) => statuses.reduce((sum, status) => sum + (total.get(status) ?? 0), 0),
    statusOf: (jobId) => nodes.get(jobId)?.status,
    skippedAfter: (jobId) => skippedAfter(nodes, nodes.get(jobId)),
  }
}

function makeStages(jobs: readonly JobNode[]): Stage[] {
  const indexes = [...new Set(jobs.map((job) => job.stageIndex))].toSorted((a, b) => a - b)
  return indexes.map((index, position) => ({ index, position, counts: new Map(), waiting: new Set() }))
}

function makeNodes(jobs: readonly JobNode[], stages: readonly Stage[]): Map<number, Node> {
  const stageAt = new Map(stages.map((stage) => [stage.index, stage]))
  const nodes = new Map<number, Node>()
  for (const job of jobs) {
    const stage = stageAt.get(job.stageIndex)
    if (!stage) throw new Error(`job ${job.name} has no stage`)
    nodes.set(job.id, {
      id: job.id,
      stage,
      job,
      status: job.status,
      allowFailure: job.allowFailure,
      enqueueNow: job.enqueueNow ?? false,
      needs: [],
      dependants: [],
      unmet: 0,
      lost: 0,
    })
  }
  for (const node of nodes.values()) {
    for (const id of node.job.needs) {
      const need = nodes.get(id)
      if (!need) continue
      node.needs.push(need)
      need.dependants.push(node)
      node.unmet += isUnmet(need)
      node.lost += isLost(need)
    }
  }
  return nodes
}

/** GitLab: what somebody asked for waits for what comes before it, and not for a person or a timer. */
function whenOf({ enqueueNow, job }: Node): When {
  return enqueueNow && (job.when === 'manual' || job.when === 'delayed') ? 'on_success' : job.when
}

function isUnmet(node: Node): 0 | 1 {
  return isCompleted(node.status) ? 0 : 1
}

function isLost(node: Node): 0 | 1 {
  const word = countedStatus(node)
  return word === 'skipped' || word === 'ignored' ? 1 : 0
}

/** Stage jobs are looked at by their stage; a job with needs when all are completed, or one of them is lost. */
function isRipe(node: Node): boolean {
  return node.job.scheduling === 'stage' || node.unmet === 0 || node.lost > 0
}

function skippedAfter(nodes: ReadonlyMap<number, Node>, start: Node | undefined): number[] {
  if (!start) return []
  const found: number[] = []
  const reached = new Set<Node>([start])
  for (const node of reached) for (const dependant of node.dependants) reached.add(dependant)
  for (const node of nodes.values()) {
    const after = reached.has(node) || node.stage.index > start.stage.index
    if (after && node !== start && node.status === 'skipped') found.push(node.id)
  }
  return found
}
