import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import type { User } from '../../model/user.ts'
import type { HttpOptions } from '../options.ts'
import { pipelineFigures } from '../pipeline-figures.ts'
import { jobEntity } from './entities/job.ts'
import type { Place } from './entities/pipeline-basic.ts'
import { type PipelineFacts } from './entities/pipeline.ts'
import { GHOST } from './entities/user.ts'

/** Gathers what the entities say beyond their rows. */
export function placeOf(options: Pick<HttpOptions, 'externalUrl'>, project: Project): Place {
  return { externalUrl: options.externalUrl(), projectName: project.name }
}

export function pipelineFacts(options: HttpOptions, project: Project, pipeline: Pipeline): PipelineFacts {
  return {
    ...placeOf(options, project),
    user: userOf(options, pipeline),
    figures: pipelineFigures(pipeline, options.store.jobs.figuresOf(pipeline.id)),
  }
}

/** Jobs of one pipeline. */
export async function presentJobs(
  options: HttpOptions,
  project: Project,
  pipeline: Pipeline,
  jobs: readonly Job[],
) {
  const facts = {
    ...placeOf(options, project),
    pipeline,
    user: userOf(options, pipeline),
    commit: await options.projects.repository(project).commit(pipeline.sha),
    now: options.clock.now(),
  }
  return jobs.map((job) => jobEntity(job, { ...facts, artifacts: options.store.artifacts.ofJob(job.id) }))
}

function userOf({ store }: Pick<HttpOptions, 'store'>, pipeline: Pipeline): User {
  return (pipeline.userId === null ? undefined : store.users.find(pipeline.userId)) ?? GHOST
}
