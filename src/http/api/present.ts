import type { Commit } from '../../model/commit.ts'
import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import type { User } from '../../model/user.ts'
import type { HttpOptions } from '../options.ts'
import { pipelineFigures } from '../pipeline-figures.ts'
import { bridgeEntity } from './entities/bridge.ts'
import { jobBasic, jobEntity, type JobFacts } from './entities/job.ts'
import { pipelineBasic, type Place } from './entities/pipeline-basic.ts'
import { type PipelineFacts } from './entities/pipeline.ts'
import { GHOST } from './entities/user.ts'

/** Gathers what the entities say beyond their rows. */
export function placeOf(options: Pick<HttpOptions, 'externalUrl'>, project: Project): Place {
  return { externalUrl: options.externalUrl(), projectName: project.name }
}

export function pipelineFacts(options: HttpOptions, project: Project, pipeline: Pipeline): PipelineFacts {
  return {
    ...placeOf(options, project),
    user: userOf(options, pipeline.userId),
    figures: pipelineFigures(pipeline, options.store.jobs.figuresOf(pipeline.id)),
  }
}

export async function presentJob(options: HttpOptions, project: Project, job: Job) {
  const [facts] = await jobFacts(options, project, [job])
  if (!facts) throw new Error(`Bug: job ${job.id} went away while it was shown`)
  return job.kind === 'bridge'
    ? bridgeEntity(job, facts, downstreamOf(options, job))
    : jobEntity(job, { ...facts, artifacts: options.store.artifacts.ofJob(job.id) })
}

/** Jobs of one project, whatever their pipelines. */
export async function presentJobs(options: HttpOptions, project: Project, jobs: readonly Job[]) {
  const facts = await jobFacts(options, project, jobs)
  return jobs.flatMap((job, index) => {
    const own = facts[index]
    return own ? [jobEntity(job, { ...own, artifacts: options.store.artifacts.ofJob(job.id) })] : []
  })
}

export async function presentBridges(options: HttpOptions, project: Project, jobs: readonly Job[]) {
  const facts = await jobFacts(options, project, jobs)
  return jobs.flatMap((job, index) => {
    const own = facts[index]
    return own ? [bridgeEntity(job, own, downstreamOf(options, job))] : []
  })
}

/** GitLab's shorter form: without artifacts, runner and tags. */
export async function presentJobsBasic(options: HttpOptions, project: Project, jobs: readonly Job[]) {
  const facts = await jobFacts(options, project, jobs)
  return jobs.flatMap((job, index) => {
    const own = facts[index]
    return own ? [jobBasic(job, own)] : []
  })
}

/** In the order of the jobs; undefined for one whose pipeline is gone. */
async function jobFacts(
  options: HttpOptions,
  project: Project,
  jobs: readonly Job[],
): Promise<readonly (Omit<JobFacts, 'artifacts'> | undefined)[]> {
  const pipelines = new Map<number, Pipeline>()
  for (const id of new Set(jobs.map((job) => job.pipelineId))) {
    const pipeline = options.store.pipelines.find(id)
    if (pipeline) pipelines.set(id, pipeline)
  }
  const commits = new Map<string, Commit | undefined>()
  const repository = options.projects.repository(project)
  for (const { sha } of pipelines.values())
    if (!commits.has(sha)) commits.set(sha, await repository.commit(sha))
  return jobs.map((job) => {
    const pipeline = pipelines.get(job.pipelineId)
    return (
      pipeline && {
        ...placeOf(options, project),
        pipeline,
        user: userOf(options, job.userId ?? pipeline.userId),
        commit: commits.get(pipeline.sha),
        now: options.clock.now(),
      }
    )
  })
}

/** The pipeline that a bridge started; it may be another project's. */
function downstreamOf(options: HttpOptions, job: Job) {
  const pipeline = options.store.pipelines.startedBy(job.id)
  const project = pipeline && options.projects.find(String(pipeline.projectId))
  return pipeline && project ? pipelineBasic(pipeline, placeOf(options, project)) : null
}

export function userOf({ store }: Pick<HttpOptions, 'store'>, userId: number | null): User {
  return (userId === null ? undefined : store.users.find(userId)) ?? GHOST
}
