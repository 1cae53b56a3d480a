import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Coordinator } from '../model/coordinator.ts'
import type { PipelineEvent } from '../model/events.ts'
import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import { DEFAULT_ARTIFACT_RULES } from '../model/limits.ts'
import type { JobPayload } from '../model/payload.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Project } from '../model/project.ts'
import { isAvailable } from './artifact-expiry.ts'
import type { EngineContext } from './context.ts'
import { recordCoverage } from './coverage.ts'
import { lostDependencies } from './dependencies.ts'
import { finishJob } from './finish.ts'
import { keepArchive, keepReport } from './keep-artifacts.ts'
import { makePayload } from './payload.ts'
import { openTraceWriter } from './traces.ts'
import { upstreamJobs } from './upstream-needs.ts'
import { isDiskFull } from '../store/database.ts'

/** A job that a runner of this process holds. */
interface Held {
  readonly jobId: number
  readonly pipelineId: number
  readonly abort: AbortController
  readonly forced: AbortController
}

/** What the verbs need of the coordinator beyond what runners see. */
export interface LocalCoordinator extends Coordinator {
  /** Asks whoever runs these jobs to end them. */
  endJobs(jobIds: readonly number[]): void
  /** Ends a job without its after_script. */
  killJob(jobId: number): void
  /** Whether a runner of this process has the job in hand. */
  holds(jobId: number): boolean
}

const TOKEN_BYTES = 20

export function makeCoordinator(
  context: EngineContext,
  announce: (events: readonly PipelineEvent[]) => void,
  /** Resolves when a job may be handed out without keeping anybody waiting. */
  turn: () => Promise<void>,
): LocalCoordinator {
  const { store, live, clock, projects, mirrors, processId } = context
  const held = new Map<string, Held>()

  function holding(token: string): Held {
    const found = held.get(token)
    if (!found) throw new Error('this job token is not in use')
    return found
  }

  function jobOf(token: string): Job {
    const job = store.jobs.find(holding(token).jobId)
    if (!job) throw new Error('the job was removed while it ran')
    return job
  }

  /** Fails a pending job that cannot even be handed out, and says why in its log. */
  async function refuse(
    job: Job,
    sentence: string,
    reason: FailureReason = 'runner_system_failure',
  ): Promise<void> {
    const trace = openTraceWriter({ store, clock, room: context.room, announce }, job)
    await trace.write(Buffer.from(`\u001b[31;1mERROR: ${sentence}\u001b[0;m\n`))
    await trace.close()
    finishJob(context, job, { state: 'failed', reason, exitCode: null })
  }

  /** GitLab decides this before a runner gets the job; the sentence is that of its job page. */
  async function refuseWithoutDependencies(job: Job): Promise<boolean> {
    const { keepLatest } = context.artifacts ?? DEFAULT_ARTIFACT_RULES
    const lost = lostDependencies(store, job, { now: clock.now(), keepLatest })
    if (lost.length === 0) return false
    const names = lost.map(({ name }) => name).join(', ')
    const why = lost.map(
      ({ name, id, erasedAt }) =>
        `\n${name} (${id}): ${erasedAt === null ? 'they have expired' : 'it was erased'}`,
    )
    await refuse(
      job,
      `This job could not start because it could not retrieve the needed artifacts: ${names}${why.join('')}`,
      'missing_dependency_failure',
    )
    return true
  }

  async function prepare(
    jobId: number,
  ): Promise<{ job: Job; pipeline: Pipeline; project: Project } | undefined> {
    const job = store.jobs.find(jobId)
    const pipeline = job && store.pipelines.find(job.pipelineId)
    if (!job || !pipeline) return undefined
    const project = projects.find(pipeline.projectId)
    if (!project) {
      await refuse(job, `Job failed (system failure): project ${pipeline.projectId} is no longer served`)
      return undefined
    }
    try {
      await mirrors.prepare(project, pipeline)
    } catch (error) {
      await refuse(
        job,
        `Job failed (system failure): ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    }
    const needed = upstreamJobs(context, { job, pipeline, project })
    if (!needed.ok) {
      const sentence = `This job could not start because it could not retrieve the needed artifacts: ${needed.error}`
      await refuse(job, sentence, 'missing_dependency_failure')
      return undefined
    }
    return { job, pipeline, project }
  }

  function endJobs(jobIds: readonly number[]): void {
    for (const { jobId, abort } of held.values()) if (jobIds.includes(jobId)) abort.abort('canceled')
  }

  function killJob(jobId: number): void {
    for (const { jobId: id, forced } of held.values()) if (id === jobId) forced.abort('force')
  }

  function claim(job: Job, token: string): boolean {
    try {
      return claimNow(job, token)
    } catch (error) {
      // What fills the disk may be the work of jobs that have ended: the next one must be able to begin.
      if (!isDiskFull(error) || !context.room.spend()) throw error
      return claimNow(job, token)
    }
  }

  function claimNow(job: Job, token: string): boolean {
    return (
      live.apply(job.pipelineId, 'normal', [{ jobId: job.id, from: 'pending', to: 'running' }], () => {
        store.jobs.giveToken(job.id, token)
        store.jobs.setTimeout(job.id, job.options.timeout ?? context.jobTimeout)
      }) === 1
    )
  }

  return {
    async requestJob(runner): Promise<JobPayload | undefined> {
      for (;;) {
        await turn()
        const jobId = store.jobs.nextPending(processId)
        if (jobId === undefined) return undefined
        const prepared = await prepare(jobId)
        if (!prepared || (await refuseWithoutDependencies(prepared.job))) continue
        const token = `glcbt-64_${randomBytes(TOKEN_BYTES).toString('base64url')}`
        // Another lane, or a cancel, may have been faster while this one waited for the mirror.
        if (store.jobs.statusOf(jobId) !== 'pending' || !claim(prepared.job, token)) continue
        held.set(token, {
          jobId,
          pipelineId: prepared.pipeline.id,
          abort: new AbortController(),
          forced: new AbortController(),
        })
        const job = store.jobs.find(jobId) ?? prepared.job
        return makePayload(context, { ...prepared, job }, token, runner)
      }
    },
    async openTrace(token) {
      return openTraceWriter({ store, clock, room: context.room, announce }, jobOf(token))
    },
    async updateJob(token, update) {
      const { jobId, abort } = holding(token)
      if (store.jobs.statusOf(jobId) === undefined) {
        // Its pipeline was deleted under it.
        if (update.state !== 'running') held.delete(token)
        return 'canceled'
      }
      if (update.state === 'running') {
        store.jobs.recordProcess(jobId, update)
        return abort.signal.aborted ? 'canceled' : 'accepted'
      }
      const job = jobOf(token)
      held.delete(token)
      if (job.options.coverage) await recordCoverage(store, job, job.options.coverage)
      const finished = await context.room.make(`the end of job ${job.id}`, () =>
        finishJob(context, job, update),
      )
      // The next jobs do not wait for the disk, and the event loop does not either.
      await store
        .synced()
        .catch((error: unknown) => context.notice(`the end of job ${job.id} may not last: ${String(error)}`))
      return finished && job.status !== 'canceling' ? 'accepted' : 'canceled'
    },
    async stageArtifacts(token) {
      const folder = join(
        store.stateDir,
        'tmp',
        String(processId),
        `artifacts-${holding(token).jobId}-${randomBytes(4).toString('hex')}`,
      )
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      return folder
    },
    async putArtifacts(token, artifacts) {
      keepArchive(context, jobOf(token), artifacts)
    },
    async putReport(token, report) {
      return keepReport(context, jobOf(token), report)
    },
    async getArtifacts(token, jobId) {
      holding(token)
      const job = store.jobs.find(jobId)
      const archive = store.artifacts.archiveOf(jobId)
      if (!job || !archive || !isAvailable(context, archive)) return undefined
      return { jobId, jobName: job.name, path: join(store.stateDir, archive.path) }
    },
    cancellation: (token) => holding(token).abort.signal,
    forcedCancellation: (token) => holding(token).forced.signal,
    endJobs,
    killJob,
    holds: (jobId) => [...held.values()].some((each) => each.jobId === jobId),
  }
}
