import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Coordinator } from '../model/coordinator.ts'
import type { PipelineEvent } from '../model/events.ts'
import type { Job } from '../model/job.ts'
import type { JobPayload } from '../model/payload.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Project } from '../model/project.ts'
import { parseDuration } from '../shared/chronic-duration.ts'
import { cancelPipeline } from './cancel.ts'
import type { EngineContext } from './context.ts'
import { recordCoverage } from './coverage.ts'
import { finishJob } from './finish.ts'
import { makePayload } from './payload.ts'
import { openTraceWriter } from './traces.ts'

/** A job that a runner of this process holds. */
interface Held {
  readonly jobId: number
  readonly pipelineId: number
  readonly abort: AbortController
}

/** What the verbs need of the coordinator beyond what runners see. */
export interface LocalCoordinator extends Coordinator {
  /** Asks whoever runs these jobs to end them. */
  endJobs(jobIds: readonly number[]): void
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
  async function refuse(job: Job, why: string): Promise<void> {
    const trace = openTraceWriter({ store, clock, announce }, job)
    await trace.write(Buffer.from(`\u001b[31;1mERROR: Job failed (system failure): ${why}\u001b[0;m\n`))
    await trace.close()
    finishJob(context, job, { state: 'failed', reason: 'runner_system_failure', exitCode: null })
  }

  async function prepare(
    jobId: number,
  ): Promise<{ job: Job; pipeline: Pipeline; project: Project } | undefined> {
    const job = store.jobs.find(jobId)
    const pipeline = job && store.pipelines.find(job.pipelineId)
    if (!job || !pipeline) return undefined
    const project = projects.find(pipeline.projectId)
    if (!project) {
      await refuse(job, `project ${pipeline.projectId} is no longer served`)
      return undefined
    }
    try {
      await mirrors.prepare(project, pipeline)
    } catch (error) {
      await refuse(job, error instanceof Error ? error.message : String(error))
      return undefined
    }
    return { job, pipeline, project }
  }

  function endJobs(jobIds: readonly number[]): void {
    for (const { jobId, abort } of held.values()) if (jobIds.includes(jobId)) abort.abort('canceled')
  }

  function claim(job: Job, token: string): boolean {
    return (
      live.apply(job.pipelineId, 'normal', [{ jobId: job.id, from: 'pending', to: 'running' }], () =>
        store.jobs.giveToken(job.id, token),
      ) === 1
    )
  }

  return {
    async requestJob(runner): Promise<JobPayload | undefined> {
      for (;;) {
        await turn()
        const jobId = store.jobs.nextPending(processId)
        if (jobId === undefined) return undefined
        const prepared = await prepare(jobId)
        if (!prepared) continue
        const token = `glcbt-64_${randomBytes(TOKEN_BYTES).toString('base64url')}`
        // Another lane, or a cancel, may have been faster while this one waited for the mirror.
        if (store.jobs.statusOf(jobId) !== 'pending' || !claim(prepared.job, token)) continue
        held.set(token, { jobId, pipelineId: prepared.pipeline.id, abort: new AbortController() })
        const job = store.jobs.find(jobId) ?? prepared.job
        return makePayload(context, { ...prepared, job }, token, runner)
      }
    },
    async openTrace(token) {
      return openTraceWriter({ store, clock, announce }, jobOf(token))
    },
    async updateJob(token, update) {
      const { jobId, abort } = holding(token)
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
      if (finished && cancelsTheRest(context, job)) endJobs(cancelPipeline(context, job.pipelineId))
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
      const job = jobOf(token)
      const path = artifactsPath(store.stateDir, job)
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      renameSync(artifacts.staged, path)
      const seconds =
        artifacts.expireIn === null || artifacts.expireIn === 'never'
          ? null
          : parseDuration(artifacts.expireIn)
      const now = clock.now()
      store.artifacts.add(
        {
          jobId: job.id,
          kind: 'archive',
          name: artifacts.name,
          path: relative(store.stateDir, path),
          size: artifacts.size,
          files: artifacts.files,
          expiresAt: seconds === null ? null : now + seconds * 1000,
        },
        now,
      )
    },
    async getArtifacts(token, jobId) {
      holding(token)
      const job = store.jobs.find(jobId)
      const archive = store.artifacts.ofJob(jobId).find((artifact) => artifact.kind === 'archive')
      if (!job || !archive || (archive.expiresAt !== null && archive.expiresAt <= clock.now()))
        return undefined
      return { jobId, jobName: job.name, path: join(store.stateDir, archive.path) }
    },
    cancellation: (token) => holding(token).abort.signal,
    endJobs,
  }
}

/** GitLab: `on_job_failure: all` looks at failures that count and that are not tried again. */
function cancelsTheRest({ store }: EngineContext, { id, pipelineId }: Job): boolean {
  const ended = store.jobs.find(id)
  const counts = ended?.status === 'failed' && !ended.allowFailure && !ended.retried
  return counts && store.pipelines.onJobFailureOf(pipelineId) === 'all'
}

/** `artifacts/<yyyy>/<mm>/<job id>`, a folder laid out as the job's work folder was. */
function artifactsPath(stateDir: string, job: Job): string {
  const created = new Date(job.createdAt)
  const month = String(created.getUTCMonth() + 1).padStart(2, '0')
  return join(stateDir, 'artifacts', String(created.getUTCFullYear()), month, String(job.id))
}
