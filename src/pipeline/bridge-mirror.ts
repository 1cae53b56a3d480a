import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import { statusFromUpstream } from './bridge-status.ts'
import { expandFor, serverSideVariables } from './bridge-variables.ts'
import type { EngineContext } from './context.ts'
import type { PlacedJob } from './job-variables.ts'
import { moveBridge } from './move-bridge.ts'

/** Bridges with `needs:pipeline`: they have the status of another project's newest pipeline, whatever it becomes. */
export interface UpstreamBridges {
  /** Finds the pipeline that a pending bridge mirrors, and takes its status. */
  subscribe(placed: PlacedJob): Promise<void>
  /** Goes on with one that a process before this one has subscribed. */
  resume(job: Job): void
  /** A pipeline has another status. */
  look(pipelineId: number): void
}

/** GitLab: `Ci::SubscribeBridgeService`. */
export function makeUpstreamBridges(context: EngineContext): UpstreamBridges {
  const { store, projects } = context
  const subscribed = new Map<number, Set<number>>()

  function follow(jobId: number, pipeline: Pipeline): void {
    const jobs = subscribed.get(pipeline.id) ?? new Set()
    subscribed.set(pipeline.id, jobs.add(jobId))
    inherit(jobId, pipeline)
  }

  function inherit(jobId: number, upstream: Pipeline): void {
    const job = store.jobs.find(jobId)
    const next = statusFromUpstream(upstream.status)
    if (!job || job.retried || next === undefined || next === job.status || job.status === 'canceled') return
    moveBridge(context, job, next)
  }

  return {
    async subscribe(placed) {
      const { job, pipeline } = placed
      const written = job.options.upstream?.flatMap((need) => (need.kind === 'mirror' ? [need.pipeline] : []))
      const path = expandFor(written?.[0] ?? '', serverSideVariables(context, placed))
      const project = projects.named(path)
      if (!project) return void moveBridge(context, job, 'failed', 'upstream_bridge_project_not_found')
      await projects.refresh(project)
      const head = await projects.repository(project).resolveRef(`refs/heads/${project.defaultBranch}`)
      const upstream =
        typeof head === 'object'
          ? store.pipelines.newestOfCommit(project.id, project.defaultBranch, head.sha)
          : undefined
      if (!upstream) return void moveBridge(context, job, 'skipped')
      const userId = job.userId ?? pipeline.userId
      const mayRead =
        userId === LOCAL_USER_ID || (userId !== null && store.users.roleIn(project.id, userId) !== undefined)
      if (!mayRead) return void moveBridge(context, job, 'failed', 'insufficient_upstream_permissions')
      store.write('normal', () => store.jobs.setUpstream(job.id, upstream.id))
      follow(job.id, upstream)
    },
    resume(job) {
      const id = store.jobs.optionsOf(job.id).upstreamPipelineId
      const upstream = id === undefined ? undefined : store.pipelines.find(id)
      if (upstream) follow(job.id, upstream)
      else moveBridge(context, job, 'failed', 'upstream_bridge_project_not_found')
    },
    look(pipelineId) {
      const jobs = subscribed.get(pipelineId)
      const upstream = jobs && store.pipelines.find(pipelineId)
      if (upstream) for (const jobId of jobs) inherit(jobId, upstream)
    },
  }
}
