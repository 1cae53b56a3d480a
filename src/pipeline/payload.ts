import { pathToFileURL } from 'node:url'
import { sortAndExpand } from '../ci/variables/expand.ts'
import { jobVariables } from '../ci/variables/layers.ts'
import { persistedVariables } from '../ci/variables/persisted.ts'
import { jobFactVariables } from '../ci/variables/predefined-job.ts'
import { runnerVariables } from '../ci/variables/predefined-runner.ts'
import type { RunnerIdentity } from '../model/coordinator.ts'
import type { Job } from '../model/job.ts'
import type { JobPayload, PayloadArtifacts, PayloadStep, PayloadVariable } from '../model/payload.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { splitProjectName, type Project } from '../model/project.ts'
import type { Variable } from '../model/variable.ts'
import type { StoredOptions } from '../store/jobs.ts'
import type { EngineContext } from './context.ts'
import { dependenciesOf } from './dependencies.ts'

/** GitLab: after_script may take five minutes, whatever the job's own time limit. */
const AFTER_SCRIPT_SECONDS = 300

/** GitLab's default for new projects. */
const GIT_DEPTH = 20

interface Taken {
  readonly job: Job
  readonly pipeline: Pipeline
  readonly project: Project
}

/** All that a runner needs to run a job, in the words of the Runner API. */
export function makePayload(
  context: EngineContext,
  taken: Taken,
  token: string,
  runner: RunnerIdentity,
): JobPayload {
  const { job, pipeline, project } = taken
  const stored = context.store.jobs.optionsOf(job.id)
  const timeout = job.options.timeout ?? context.jobTimeout
  const repositoryUrl = pathToFileURL(context.mirrors.path(project)).href
  return {
    id: job.id,
    token,
    allow_git_fetch: true,
    job_info: {
      id: job.id,
      name: job.name,
      stage: job.stage,
      project_id: project.id,
      project_name: splitProjectName(project.name).name,
      project_full_path: project.name,
      pipeline_id: pipeline.id,
    },
    git_info: {
      repo_url: repositoryUrl,
      ref: pipeline.ref,
      sha: pipeline.sha,
      before_sha: pipeline.beforeSha,
      ref_type: pipeline.tag ? 'tag' : 'branch',
      refspecs: [`+refs/sluice/pipelines/${pipeline.id}:refs/pipelines/${pipeline.id}`],
      depth: GIT_DEPTH,
    },
    runner_info: { timeout },
    variables: variablesOf(context, taken, stored, { token, repositoryUrl, runner }).map(toPayload),
    steps: stepsOf(job, timeout),
    image: job.options.image === null ? null : { name: job.options.image },
    services: job.options.services.map((name) => ({ name })),
    artifacts: artifactsOf(job),
    dependencies: dependenciesOf(context.store, job),
    features: { trace_sections: true, failure_reasons: [] },
    sluice: { checkout_sha: pipeline.snapshotSha ?? pipeline.sha, notices: job.options.notices ?? [] },
  }
}

function variablesOf(
  { store, server }: EngineContext,
  { job, pipeline, project }: Taken,
  stored: StoredOptions,
  given: { readonly token: string; readonly repositoryUrl: string; readonly runner: RunnerIdentity },
): readonly Variable[] {
  const started = store.configs.variablesOf(pipeline.id)
  const own = store.pipelineVariables.of(pipeline.id)
  const trigger = pipeline.triggerId === null ? undefined : store.triggers.find(pipeline.triggerId)
  const variables = jobVariables({
    runner: [],
    persisted: persistedVariables({
      jobId: job.id,
      jobToken: given.token,
      pipelineId: pipeline.id,
      pipelineIid: pipeline.iid,
      projectUrl: `${server().url}/${project.name}`,
      repositoryUrl: given.repositoryUrl,
      startedAt: job.startedAt,
      triggerShortToken: trigger?.shortToken ?? null,
    }),
    predefinedJob: jobFactVariables({
      name: job.name,
      stage: job.stage,
      parallel: stored.parallel,
      image: job.options.image,
      manual: job.when === 'manual',
      environment: null, // the runner knows, and says so itself
    }),
    predefined: [
      ...(started?.predefined ?? []),
      ...runnerVariables({ id: 1, description: given.runner.name, tags: given.runner.tags }),
    ],
    yaml: stored.variables,
    user: started?.user ?? [],
    dotenv: [],
    project: started?.project ?? [],
    pipeline: own.filter((each) => each.origin !== 'schedule'),
    schedule: own.filter((each) => each.origin === 'schedule'),
    manual: [],
  })
  const expanded = sortAndExpand(variables)
  // GitLab refuses cycles when the pipeline is created; what could not be sorted goes out as written.
  return expanded.ok ? expanded.value : variables
}

function toPayload({ key, value, masked, file, raw }: Variable): PayloadVariable {
  // An empty masked value crashes older official runners, and there is nothing in it to hide.
  return { key, value, public: !masked, masked: masked && value !== '', file, raw }
}

function stepsOf(job: Job, timeout: number): PayloadStep[] {
  const { beforeScript, script, afterScript } = job.options
  const main: PayloadStep = {
    name: 'script',
    script: [...beforeScript, ...script],
    timeout,
    when: 'on_success',
    allow_failure: false,
  }
  if (afterScript.length === 0) return [main]
  return [
    main,
    {
      name: 'after_script',
      script: afterScript,
      timeout: AFTER_SCRIPT_SECONDS,
      when: 'always',
      allow_failure: true,
    },
  ]
}

function artifactsOf({ options: { artifacts } }: Job): PayloadArtifacts[] {
  if (!artifacts) return []
  return [
    {
      artifact_type: 'archive',
      artifact_format: 'zip',
      name: artifacts.name,
      paths: artifacts.paths,
      exclude: artifacts.exclude,
      untracked: artifacts.untracked,
      when: artifacts.when,
      expire_in: artifacts.expireIn,
    },
  ]
}
