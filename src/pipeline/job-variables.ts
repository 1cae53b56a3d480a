import { sortAndExpand } from '../ci/variables/expand.ts'
import { jobVariables } from '../ci/variables/layers.ts'
import { persistedVariables } from '../ci/variables/persisted.ts'
import {
  environmentVariables,
  persistedEnvironmentVariables,
} from '../ci/variables/predefined-environment.ts'
import { jobFactVariables } from '../ci/variables/predefined-job.ts'
import { runnerVariables } from '../ci/variables/predefined-runner.ts'
import { projectVariablesFor } from '../ci/variables/project-scope.ts'
import { userVariables } from '../ci/variables/user.ts'
import type { RunnerIdentity } from '../model/coordinator.ts'
import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Project } from '../model/project.ts'
import type { Variable } from '../model/variable.ts'
import type { PipelineVariables } from '../store/configs.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { EngineContext } from './context.ts'
import { dotenvVariables } from './dependencies.ts'

/** A job with what it belongs to. */
export interface PlacedJob {
  readonly job: Job
  readonly pipeline: Pipeline
  readonly project: Project
}

/** What only a job that has been handed out has. */
export interface HandedOut {
  readonly token: string
  readonly repositoryUrl: string
  readonly runner: RunnerIdentity
}

/**
 * The variables of a job in order of rising precedence, expanded in each other; the last of a name wins. `handedOut` null: looked at
 * from outside, as for the address of an environment. What the job itself reported counts once it has.
 */
export function variablesOfJob(
  context: Pick<EngineContext, 'store' | 'server'>,
  placed: PlacedJob,
  handedOut: HandedOut | null,
  /** What needed jobs of other pipelines reported. */
  upstreamDotenv: readonly Variable[] = [],
): readonly Variable[] {
  const variables = writtenVariablesOfJob(context, placed, handedOut, upstreamDotenv)
  const expanded = sortAndExpand(variables)
  // GitLab refuses cycles when the pipeline is created; what could not be sorted goes out as written.
  return expanded.ok ? expanded.value : variables
}

/** The same as written: references to each other stand in their values. */
export function writtenVariablesOfJob(
  { store, server }: Pick<EngineContext, 'store' | 'server'>,
  { job, pipeline, project }: PlacedJob,
  handedOut: HandedOut | null,
  upstreamDotenv: readonly Variable[] = [],
): readonly Variable[] {
  const stored = store.jobs.optionsOf(job.id)
  const started = store.configs.variablesOf(pipeline.id)
  const own = store.pipelineVariables.of(pipeline.id)
  const trigger = pipeline.triggerId === null ? undefined : store.triggers.find(pipeline.triggerId)
  const environment =
    job.environment === null ? undefined : store.environments.findByName(job.projectId, job.environment)
  return jobVariables({
    runner: [],
    persisted: persistedVariables({
      jobId: job.id,
      jobToken: handedOut?.token ?? null,
      pipelineId: pipeline.id,
      pipelineIid: pipeline.iid,
      projectUrl: `${server().url}/${project.name}`,
      repositoryUrl: handedOut?.repositoryUrl ?? '',
      startedAt: job.startedAt,
      triggerShortToken: trigger?.shortToken ?? null,
    }),
    predefinedJob: [
      ...jobFactVariables({
        name: job.name,
        stage: job.stage,
        parallel: stored.parallel,
        image: job.options.image,
        manual: job.when === 'manual',
        environment: null, // the runner knows, and says so itself
      }),
      ...(environment ? environmentVariables(factsOf(job, environment)) : []),
    ],
    predefined: [
      ...(started?.predefined ?? []),
      ...(handedOut
        ? runnerVariables({ id: 1, description: handedOut.runner.name, tags: handedOut.runner.tags })
        : []),
    ],
    yaml: stored.variables,
    user: startedBy(store, job) ?? started?.user ?? [],
    dotenv: [...dotenvVariables(store, job), ...upstreamDotenv],
    project: projectVariables(started, job.environment),
    pipeline: own.filter((each) => each.origin !== 'schedule'),
    schedule: own.filter((each) => each.origin === 'schedule'),
    // GitLab: `job_variables`, whose sources are a person and the job's own report.
    manual: [...store.jobVariables.of(job.id, 'manual'), ...store.jobVariables.of(job.id, 'dotenv')],
    environment: environment
      ? persistedEnvironmentVariables({
          id: environment.id,
          slug: environment.slug,
          url: factsOf(job, environment).url,
        })
      : [],
  })
}

/** GitLab: what the job does not say is that of the environment. */
function factsOf({ options }: Job, environment: EnvironmentRow) {
  return {
    name: environment.name,
    action: options.environment?.action ?? 'start',
    tier: environment.tier,
    url: options.environment?.url ?? environment.externalUrl,
  }
}

/** Chosen when the pipeline was created; for a job with an environment, by its expanded name. */
function projectVariables(
  started: PipelineVariables | undefined,
  environment: string | null,
): readonly Variable[] {
  if (!started?.scoped || environment === null) return started?.project ?? []
  return projectVariablesFor(started.scoped, { environment, refProtected: true })
}

/** GitLab: who played or retried the job; undefined when that is nobody else than who made the pipeline. */
function startedBy(store: EngineContext['store'], { userId }: Job): Variable[] | undefined {
  const user = userId === null ? undefined : store.users.find(userId)
  return user && userVariables(user)
}
