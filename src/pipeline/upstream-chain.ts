import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { ProvenanceTrigger, Upstream } from '../model/provenance.ts'
import type { Store } from '../store/store.ts'

/** Whether the one who asks may read a project. */
export type MayRead = (projectId: number) => boolean

/** For people: by what a job started a pipeline. */
export const VIA_WORDS: Readonly<Record<Upstream['via'], string>> = {
  bridge: 'trigger job',
  job_token: 'job token',
  trigger_token: 'trigger token',
}

/** Jobs that start their own project again make chains without an end. */
export const MOST_UPSTREAMS = 100

/**
 * The jobs that led to a pipeline, the nearest first: bridges, jobs that called with their own token, and those whose
 * process was seen to send a trigger's token. Ends at what no job started, what was removed, and what may not be read:
 * nothing behind it is told either.
 */
export function upstreamChain(
  store: Store,
  pipeline: Pipeline,
  mayRead: MayRead,
  triggerOf: (pipeline: Pipeline) => ProvenanceTrigger | null,
): Upstream[] {
  const chain: Upstream[] = []
  for (let at = pipeline; chain.length < MOST_UPSTREAMS;) {
    const job = startedBy(store, at)
    const above = job && store.pipelines.find(job.pipelineId)
    const project = above && store.projects.find(above.projectId)
    if (!job || !above || !project || !mayRead(project.id)) break
    const { id, iid, source, ref, tag, sha } = above
    chain.push({
      via: viaOf(job, at),
      job: { id: job.id, name: job.name, stage: job.stage },
      pipeline: { id, iid, source, ref, tag, sha, trigger: triggerOf(above) },
      project: { id: project.id, path_with_namespace: project.name },
    })
    at = above
  }
  return chain
}

function startedBy({ jobs, triggerRequests }: Store, { id, parentJobId }: Pipeline): Job | undefined {
  const jobId = parentJobId ?? triggerRequests.ofPipeline(id)?.senderJobId ?? null
  return jobId === null ? undefined : jobs.find(jobId)
}

function viaOf(job: Job, { parentJobId }: Pipeline): Upstream['via'] {
  if (parentJobId === null) return 'trigger_token'
  return job.kind === 'bridge' ? 'bridge' : 'job_token'
}
