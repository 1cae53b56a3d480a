// What must hold after every commit: each change of a row is looked at, with all rows before and after it.
import type { PipelineEvent } from '../../../src/model/events.ts'
import type { JobRow, Picture, PipelineRow, Rows } from './rows.ts'
import type { JobSpec, PlanSpec } from './specs.ts'
import { bridgeAfter, composite, isCancelable, isDone, isLegal, moveAfter, triesAgain } from './tables.ts'

/** What somebody does at the moment; what happens by itself needs no permission, but a reason in the rows. */
export type Cause =
  | { readonly by: 'nobody' }
  | {
      readonly by: 'runner'
      readonly jobId: number
      readonly state: string
      readonly reason: string
      readonly exitCode: number | null
    }
  | {
      readonly by: 'person'
      readonly verb: string
      readonly jobId: number | null
      readonly pipelineId: number
    }
  | { readonly by: 'recovery' }

export interface Audit {
  cause: Cause
  /** Runners that have asked for a job and have no answer yet. */
  asking: number
  /** To be called after each commit. */
  look(): void
  /** Nothing is under way: what had to happen has happened. */
  atRest(): void
  readonly announced: (event: PipelineEvent) => void
  /** Announcements of a process that died are not waited for. */
  forgetAnnouncements(): void
  readonly picture: () => Picture
  /** The set of pipelines in which a person did something after which older wishes do not bind. */
  readonly touched: Set<number>
  readonly latestOf: (pipelineId: number) => JobRow[]
  readonly mayStay: (job: JobRow) => boolean
}

export interface AuditOptions {
  readonly rows: Rows
  readonly plans: ReadonlyMap<string, PlanSpec>
  readonly now: () => number
  readonly wasSet: () => boolean
  /** What the ref points to. */
  readonly head: () => string
}

const HOLDS = ['pending', 'running', 'canceling', 'preparing']
const CANDIDATE = ['created', 'scheduled', 'waiting_for_resource']
const DAY_MS = 24 * 3600 * 1000

export function makeAudit({ rows, plans, now, wasSet, head }: AuditOptions): Audit {
  let before: Picture = rows.picture()
  let rested: Picture = before
  let events: Extract<PipelineEvent, { type: 'job' | 'pipeline' }>[] = []
  const touched = new Set<number>()

  const say = (text: string): never => {
    throw new Violation(text)
  }
  const show = (job: JobRow): string =>
    `job ${job.id} ${job.name} (pipeline ${job.pipelineId}, attempt ${job.attempt})`

  function specOf(job: JobRow, picture = before): JobSpec {
    const plan = picture.pipelines.get(job.pipelineId)
    const spec = plan && plans.get(plan.name)?.jobs.find(({ name }) => name === job.name)
    return spec ?? say(`${show(job)} is in no plan`)
  }

  function ofPipeline(picture: Picture, pipelineId: number): JobRow[] {
    return [...picture.jobs.values()].filter((job) => job.pipelineId === pipelineId)
  }

  const latest = (picture: Picture, pipelineId: number): JobRow[] =>
    ofPipeline(picture, pipelineId).filter((job) => !job.retried)

  function nextMove(job: JobRow, picture: Picture): string | undefined {
    const { needs } = specOf(job, picture)
    const others = latest(picture, job.pipelineId)
    const prior = needs
      ? others.filter(({ name }) => needs.includes(name))
      : others.filter(({ stageIndex }) => stageIndex < job.stageIndex)
    const held = !job.enqueueNow && (job.when === 'manual' || job.when === 'delayed')
    const when =
      job.enqueueNow && !held && (job.when === 'manual' || job.when === 'delayed') ? 'on_success' : job.when
    return moveAfter(when, prior, needs !== null)
  }

  function isProcessed(picture: Picture, pipelineId: number): boolean {
    const { status } = picture.pipelines.get(pipelineId) ?? say(`there is no pipeline ${pipelineId}`)
    return status !== 'created' || ofPipeline(picture, pipelineId).some((job) => job.status !== 'created')
  }

  function downstreamOf(picture: Picture, jobId: number): PipelineRow | undefined {
    return [...picture.pipelines.values()].findLast(({ parentJobId }) => parentJobId === jobId)
  }

  /** The pipeline and those above it. */
  function lineOf(picture: Picture, pipelineId: number): PipelineRow[] {
    const line: PipelineRow[] = []
    for (let next = picture.pipelines.get(pipelineId); next;) {
      line.push(next)
      const parent: JobRow | undefined =
        next.parentJobId === null ? undefined : picture.jobs.get(next.parentJobId)
      next = parent && picture.pipelines.get(parent.pipelineId)
    }
    return line
  }

  function failsAll(picture: Picture, { id, name }: PipelineRow): boolean {
    return (
      plans.get(name)?.onJobFailure === 'all' &&
      latest(picture, id).some((job) => job.status === 'failed' && !job.allowFailure)
    )
  }

  /** A newer root of the ref with another commit, by which this one may be canceled. */
  function isRedundant(picture: Picture, pipeline: PipelineRow, strictly = false): boolean {
    const root = lineOf(picture, pipeline.id).at(-1) ?? pipeline
    return [...picture.pipelines.values()].some(
      (newer) =>
        newer.parentJobId === null &&
        newer.id > root.id &&
        newer.sha !== pipeline.sha &&
        !(strictly && (touched.has(newer.id) || newer.id < pipeline.id)),
    )
  }

  function cancelReason(cause: Cause, after: JobRow, from: JobRow, picture: Picture): boolean {
    if (cause.by === 'person' && cause.verb === 'cancel' && cause.jobId === after.id) return true
    const line = lineOf(picture, after.pipelineId)
    if (
      cause.by === 'person' &&
      cause.verb === 'cancelPipeline' &&
      line.some(({ id }) => id === cause.pipelineId)
    )
      return true
    if (from.status === 'canceling') return true
    if (line.some((each) => failsAll(picture, each))) return true
    if (line.some((each) => isRedundant(picture, each))) return true
    // Its bridge was canceled, or one above that.
    if (
      line.some(
        (each) => each.parentJobId !== null && picture.jobs.get(each.parentJobId)?.status === 'canceled',
      )
    )
      return true
    return after.kind === 'bridge' && downstreamOf(picture, after.id)?.status === 'canceled'
  }

  function revives(cause: Cause, pipelineId: number, picture: Picture): boolean {
    if (cause.by === 'person' && ['retry', 'play', 'retryPipeline'].includes(cause.verb)) return true
    return ofPipeline(picture, pipelineId).some(
      (job) => job.kind === 'bridge' && isDone(before.jobs.get(job.id)?.status ?? '') && !isDone(job.status),
    )
  }

  function checkNewAttempt(job: JobRow, picture: Picture): void {
    const former = ofPipeline(picture, job.pipelineId).filter(
      (other) => other.name === job.name && other.id < job.id,
    )
    const last = former.at(-1) ?? say(`${show(job)} is the attempt of nothing`)
    if (job.attempt !== last.attempt + 1 || !last.retried)
      say(`${show(job)} does not follow on ${show(last)}`)
    const { cause } = audit
    const asked =
      cause.by === 'person' &&
      ((cause.jobId === last.id && (cause.verb === 'retry' || cause.verb === 'play')) ||
        (cause.verb === 'retryPipeline' && cause.pipelineId === job.pipelineId))
    if (asked) return
    if (
      last.status !== 'failed' ||
      !triesAgain(specOf(job, picture), last.attempt, last.reason ?? '', last.exitCode)
    )
      say(
        `${show(job)}: nobody asked for it, and its \`retry\` allows no attempt after ${last.reason ?? 'nothing'}`,
      )
  }

  function checkAsCreated(job: JobRow, picture: Picture): void {
    if (job.status === 'created') return
    const move = nextMove(job, picture)
    const to = job.status === 'waiting_for_resource' && job.group !== null ? 'pending' : job.status
    if (move !== to) say(`${show(job)} went from created to ${job.status}; the tables say ${move ?? 'wait'}`)
  }

  function checkBuild(from: JobRow, job: JobRow, picture: Picture): void {
    const { cause } = audit
    const move = `${from.status}→${job.status}`
    if (!isLegal(from.status, job.status)) say(`${show(job)}: no event leads ${move}`)
    const person = cause.by === 'person' && cause.jobId === job.id ? cause.verb : undefined
    switch (from.status) {
      case 'created':
        if (job.status === 'canceled') break
        return checkAsCreated(job, picture)
      case 'skipped':
        if (!revives(audit.cause, job.pipelineId, picture)) say(`${show(job)} was revived by nobody`)
        return checkAsCreated(job, picture)
      case 'manual':
        if (person === (job.status === 'canceled' ? 'cancel' : 'play')) return
        return say(`${show(job)} ${move}: no person did that`)
      case 'scheduled':
        return checkScheduled(from, job, picture, person)
    }
    if (job.status === 'canceled' || job.status === 'canceling') {
      if (!cancelReason(audit.cause, job, from, picture)) say(`${show(job)} ${move}: nobody canceled it`)
      return
    }
    if (job.status === 'failed') return checkFailure(from, job, picture)
    if (move === 'pending→running' && audit.asking === 0) say(`${show(job)} runs, and no runner asked`)
    if (move === 'pending→waiting_for_resource' && cause.by !== 'recovery')
      say(`${show(job)} gave its resource back`)
    if (
      job.status === 'success' &&
      !(cause.by === 'runner' && cause.jobId === job.id && cause.state === 'success')
    )
      say(`${show(job)} succeeded by itself`)
  }

  function checkScheduled(from: JobRow, job: JobRow, picture: Picture, person: string | undefined): void {
    if (job.status === 'manual' && person === 'unschedule') return
    if (job.status === 'canceled' && cancelReason(audit.cause, job, from, picture)) return
    if (job.status === 'failed') return checkFailure(from, job, picture)
    if (person === 'play') return
    if (job.status === 'manual' || job.status === 'canceled')
      say(`${show(job)} scheduled→${job.status}: nobody did that`)
    if (!wasSet() && now() < (from.scheduledAt ?? Infinity))
      say(`${show(job)} started ${(from.scheduledAt ?? 0) - now()} ms early`)
  }

  function checkFailure(from: JobRow, job: JobRow, picture: Picture): void {
    const { cause } = audit
    const age = now() - from.updatedAt
    const explained =
      (cause.by === 'runner' &&
        cause.jobId === job.id &&
        cause.state === 'failed' &&
        job.reason === cause.reason &&
        job.exitCode === cause.exitCode) ||
      (cause.by === 'recovery' &&
        from.status === 'running' &&
        job.reason === 'runner_system_failure' &&
        job.exitCode === from.exitCode) ||
      (from.status === 'scheduled' &&
        job.reason === 'stale_schedule' &&
        now() - (from.scheduledAt ?? Infinity) > 3600_000) ||
      (from.status === 'pending' && job.reason === 'stuck_or_timeout_failure' && age > DAY_MS)
    if (!explained) say(`${show(job)} ${from.status}→failed (${job.reason}): nothing explains it`)
    const spec = specOf(job, picture)
    const allowed = from.allowFailure || (job.exitCode !== null && spec.allowCodes.includes(job.exitCode))
    if (job.allowFailure !== allowed) say(`${show(job)}: allow_failure should be ${allowed}`)
    if (triesAgain(spec, job.attempt, job.reason ?? '', job.exitCode) !== job.retried)
      say(`${show(job)} failed (${job.reason}), and ${job.retried ? 'was' : 'was not'} tried again`)
  }

  function checkBridge(from: JobRow, job: JobRow, picture: Picture): void {
    const { cause } = audit
    const move = `${from.status}→${job.status}`
    const downstream = downstreamOf(picture, job.id)
    // It said what its pipeline said; that runs again.
    const again = ['pending', 'running'].includes(job.status) && downstream && !isDone(downstream.status)
    if (from.status === 'skipped' && again) return
    const strategy = specOf(job, picture).bridge?.strategy ?? null
    // GitLab: whatever it is by now, also when it was revived and waits for its turn.
    if (strategy !== null && downstream && bridgeAfter(strategy, downstream.status) === job.status) return
    if (
      ['created', 'skipped'].includes(from.status) ||
      (from.status === 'manual' && job.status !== 'running' && cause.by === 'person')
    )
      if (job.status !== 'canceled')
        return from.status === 'manual' ? undefined : checkAsCreated(job, picture)
    if (from.status === 'scheduled')
      return checkScheduled(
        from,
        job,
        picture,
        cause.by === 'person' && cause.jobId === job.id ? cause.verb : undefined,
      )
    if (job.status === 'pending' || job.status === 'running') {
      if (isDone(from.status) && (!downstream || isDone(downstream.status)))
        say(`${show(job)} ${move}: its pipeline does not run`)
      return
    }
    if (job.status === 'canceled' && cancelReason(cause, job, from, picture)) return
    if (!downstream) return say(`${show(job)} ${move} without a pipeline`)
    const expected = bridgeAfter(strategy, downstream.status)
    if (expected !== job.status)
      say(
        `${show(job)} ${move}: its pipeline is ${downstream.status}, so that should be ${expected ?? 'nothing'}`,
      )
  }

  function checkChange(job: JobRow, picture: Picture): void {
    const from = before.jobs.get(job.id)
    if (!from) {
      if (job.attempt > 1) {
        checkNewAttempt(job, picture)
        checkAsCreated(job, picture)
      } else if (job.status !== 'created') say(`${show(job)} was made ${job.status}`)
      return
    }
    if (from.retried && !job.retried) say(`${show(job)} is the latest again`)
    if (from.status === job.status) return
    if (job.kind === 'bridge') checkBridge(from, job, picture)
    else checkBuild(from, job, picture)
    if (from.status === 'waiting_for_resource' && job.status === 'pending') checkTurn(job, picture)
  }

  /** The ordered modes: nobody of an older (newer) pipeline is passed by. */
  function checkTurn(job: JobRow, picture: Picture): void {
    const mode = rows.modeOf(job.group ?? '')
    const better = candidatesOf(picture, job.group ?? '', mode).find((other) =>
      mode === 'oldest_first' ? other.pipelineId < job.pipelineId : other.pipelineId > job.pipelineId,
    )
    if (mode !== 'unordered' && better) say(`${show(job)} got ${job.group} (${mode}) before ${show(better)}`)
  }

  function candidatesOf(picture: Picture, group: string, mode: string): JobRow[] {
    const statuses = mode === 'oldest_first' || mode === 'newest_first' ? CANDIDATE : ['waiting_for_resource']
    return [...picture.jobs.values()].filter(
      (job) => !job.retried && job.group === group && statuses.includes(job.status),
    )
  }

  function checkPipeline(pipelineId: number, picture: Picture): void {
    const row = picture.pipelines.get(pipelineId) ?? say(`pipeline ${pipelineId} is gone`)
    const jobs = latest(picture, pipelineId)
    const names = new Set(jobs.map(({ name }) => name))
    const planned = plans.get(row.name)?.jobs.length
    if (names.size !== jobs.length || names.size !== planned)
      say(`pipeline ${pipelineId} has ${jobs.length} latest jobs with ${names.size} names of ${planned}`)
    if (!isProcessed(picture, pipelineId)) return
    const status = composite(jobs)
    if (row.status !== status) say(`pipeline ${pipelineId} is ${row.status}, its jobs make it ${status}`)
    if (isDone(status) !== (row.finishedAt !== null))
      say(`pipeline ${pipelineId} is ${status} and finished at ${row.finishedAt}`)
    for (const job of jobs) {
      if (job.status !== 'created') continue
      const move = nextMove(job, picture)
      if (move) say(`${show(job)} stands still; it should be ${move}`)
    }
  }

  function checkGroups(picture: Picture): void {
    const held = new Map<string, JobRow>()
    for (const job of picture.jobs.values()) {
      if (job.group === null || !HOLDS.includes(job.status)) continue
      const other = held.get(job.group)
      if (other) say(`${show(job)} and ${show(other)} have ${job.group} at the same time`)
      held.set(job.group, job)
    }
  }

  /** Sum of what was announced for one thing: it must lead from what it was to what it is. */
  function checkAnnouncements(picture: Picture): void {
    const sums = new Map<string, number>()
    const add = (key: string, by: number): void => void sums.set(key, (sums.get(key) ?? 0) + by)
    for (const event of events) {
      const thing = event.type === 'job' ? `job ${event.jobId}` : `pipeline ${event.pipelineId}`
      add(`${thing} ${event.from}`, 1)
      add(`${thing} ${event.to}`, -1)
    }
    const compare = (thing: string, from: string | undefined, to: string): void => {
      add(`${thing} ${from ?? 'created'}`, -1)
      add(`${thing} ${to}`, 1)
    }
    for (const job of picture.jobs.values())
      compare(`job ${job.id}`, rested.jobs.get(job.id)?.status, job.status)
    for (const row of picture.pipelines.values())
      compare(`pipeline ${row.id}`, rested.pipelines.get(row.id)?.status, row.status)
    for (const [key, sum] of sums) if (sum !== 0) say(`announced and changed do not agree: ${key}`)
    events = []
    rested = picture
  }

  /** What `on_job_failure` and newer commits ask for is done, unless a person has said something since. */
  function checkWishes(picture: Picture, row: PipelineRow): void {
    if (lineOf(picture, row.id).some(({ id }) => touched.has(id))) return
    const open = latest(picture, row.id).filter((job) => isCancelable(job.status))
    const [first] = open
    if (first && lineOf(picture, row.id).some((each) => failsAll(picture, each)))
      say(`${show(first)} goes on, and a failure should cancel all`)
    if (head() === row.sha || !isRedundant(picture, row, true) || now() - row.createdAt > 7 * DAY_MS) return
    const policy = plans.get(row.name)?.onNewCommit
    const interruptible = open.find((job) => job.interruptible)
    if (policy === 'interruptible' && interruptible)
      say(`${show(interruptible)} goes on in spite of a newer commit`)
    const started = ofPipeline(picture, row.id).some(
      (job) =>
        job.kind === 'build' && !job.interruptible && ['running', 'success', 'failed'].includes(job.status),
    )
    if (policy === 'conservative' && !started && first)
      say(`${show(first)} goes on in spite of a newer commit`)
  }

  function checkGrants(picture: Picture): void {
    const groups = new Set([...picture.jobs.values()].flatMap(({ group }) => (group === null ? [] : [group])))
    for (const group of groups) {
      if ([...picture.jobs.values()].some((job) => job.group === group && HOLDS.includes(job.status)))
        continue
      const mode = rows.modeOf(group)
      const candidates = candidatesOf(picture, group, mode)
      const newest = mode.startsWith('newest')
      const best = candidates.toSorted((a, b) =>
        newest ? b.pipelineId - a.pipelineId : a.pipelineId - b.pipelineId,
      )[0]
      const waiting = candidates.find(
        (job) => job.pipelineId === best?.pipelineId && job.status === 'waiting_for_resource',
      )
      if (waiting) say(`${show(waiting)} waits for ${group}, which nobody has`)
    }
  }

  function checkBridgesAtRest(picture: Picture): void {
    for (const job of picture.jobs.values()) {
      if (job.kind !== 'bridge' || job.retried) continue
      const downstream = downstreamOf(picture, job.id)
      if (job.status === 'pending' && !downstream) say(`${show(job)} has started nothing`)
      if (job.status !== 'pending' && job.status !== 'running') continue
      const next = downstream && bridgeAfter(specOf(job, picture).bridge?.strategy ?? null, downstream.status)
      if (!downstream || next)
        say(`${show(job)} is ${job.status}; its pipeline: ${downstream?.status ?? 'none'}`)
    }
  }

  const audit: Audit = {
    cause: { by: 'nobody' },
    asking: 0,
    look() {
      const picture = rows.picture()
      const changed = new Set<number>()
      for (const job of picture.jobs.values()) {
        const from = before.jobs.get(job.id)
        if (
          from &&
          from.status === job.status &&
          from.retried === job.retried &&
          from.allowFailure === job.allowFailure
        )
          continue
        changed.add(job.pipelineId)
        checkChange(job, picture)
      }
      if (picture.jobs.size < before.jobs.size) say('a job is gone')
      for (const row of picture.pipelines.values())
        if (before.pipelines.get(row.id)?.status !== row.status) changed.add(row.id)
      for (const id of changed) checkPipeline(id, picture)
      checkGroups(picture)
      const children = [...picture.pipelines.values()].flatMap(({ parentJobId }) => parentJobId ?? [])
      if (new Set(children).size !== children.length) say('a bridge has started two pipelines')
      before = picture
    },
    atRest() {
      const picture = rows.picture()
      checkAnnouncements(picture)
      for (const row of picture.pipelines.values()) {
        if (!isProcessed(picture, row.id) && latest(picture, row.id).length > 0)
          say(`pipeline ${row.id} was never looked at`)
        checkPipeline(row.id, picture)
        checkWishes(picture, row)
      }
      checkGrants(picture)
      checkBridgesAtRest(picture)
    },
    announced(event) {
      if (event.type !== 'trace') events.push(event)
    },
    forgetAnnouncements() {
      events = []
      rested = rows.picture()
      before = rested
    },
    picture: () => before,
    touched,
    latestOf: (pipelineId) => latest(before, pipelineId),
    mayStay(job) {
      if (isDone(job.status) || job.status === 'manual') return true
      if (job.status === 'created') return nextMove(job, before) === undefined
      if (job.kind === 'bridge') return !isDone(downstreamOf(before, job.id)?.status ?? '')
      return job.status === 'waiting_for_resource'
    },
  }
  return audit
}

/** A rule that was broken. */
export class Violation extends Error {}
