import { pathToFileURL } from 'node:url'
import type { RunnerIdentity } from '../model/coordinator.ts'
import type { Job } from '../model/job.ts'
import type { JobPayload, PayloadArtifacts, PayloadStep, PayloadVariable } from '../model/payload.ts'
import { splitProjectName } from '../model/project.ts'
import type { Variable } from '../model/variable.ts'
import type { EngineContext } from './context.ts'
import { dependenciesOf } from './dependencies.ts'
import { withInputs } from './job-inputs.ts'
import { payloadCache } from './payload-cache.ts'
import { type PlacedJob, variablesOfJob } from './job-variables.ts'
import { upstreamDependencies, upstreamDotenv, upstreamJobs } from './upstream-needs.ts'
import { reportPaths, reportType } from './reports/report-types.ts'

/** GitLab: after_script may take five minutes, whatever the job's own time limit. */
const AFTER_SCRIPT_SECONDS = 300

/** GitLab's default for new projects. */
const GIT_DEPTH = 20

/** All that a runner needs to run a job, in the words of the Runner API. */
export function makePayload(
  context: EngineContext,
  taken: PlacedJob,
  token: string,
  runner: RunnerIdentity,
): JobPayload {
  const { pipeline, project } = taken
  const stored = context.store.jobs.optionsOf(taken.job.id)
  const job = withInputs(taken.job, stored.inputs)
  const timeout = job.timeout ?? job.options.timeout ?? context.jobTimeout
  const repositoryUrl = pathToFileURL(context.mirrors.path(project)).href
  const upstream = neededUpstream(context, taken)
  const variables = variablesOfJob(
    context,
    { ...taken, job },
    { token, repositoryUrl, runner },
    upstreamDotenv(context, upstream),
  )
  const valueOf = (name: string): string | undefined => variables.findLast(({ key }) => key === name)?.value
  const { cache, preGetSourcesScript, keepWorkspace } = job.options
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
      depth: depthOf(valueOf('GIT_DEPTH')),
    },
    runner_info: { timeout },
    variables: variables.map(toPayload),
    steps: stepsOf(job, timeout),
    image: job.options.image === null ? null : { name: job.options.image },
    services: job.options.services.map((name) => ({ name })),
    artifacts: artifactsOf(job),
    cache: payloadCache(cache ?? [], valueOf('CI_COMMIT_REF_PROTECTED') === 'true'),
    hooks: preGetSourcesScript ? [{ name: 'pre_get_sources_script', script: preGetSourcesScript }] : [],
    dependencies: [...dependenciesOf(context.store, job), ...upstreamDependencies(context, upstream)],
    features: { trace_sections: true, failure_reasons: [] },
    sluice: {
      checkout_sha: pipeline.snapshotSha ?? pipeline.sha,
      ...(keepWorkspace && { keep_workspace: true }),
      notices: job.options.notices ?? [],
    },
  }
}

/** What cannot be had has been told before the job was handed out. */
function neededUpstream(context: EngineContext, taken: PlacedJob): readonly number[] {
  const needed = upstreamJobs(context, taken)
  return needed.ok ? needed.value : []
}

/** GitLab: text that begins with no number is 0, all of the history. */
function depthOf(text: string | undefined): number {
  return text === undefined ? GIT_DEPTH : Number(/^\s*([+-]?\d{1,9})/.exec(text)?.[1] ?? 0)
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

/** The archive and then the reports, which are sent however the job ends. GitLab: no archive where only reports are written. */
function artifactsOf({ options: { artifacts } }: Job): PayloadArtifacts[] {
  if (!artifacts) return []
  const { name, paths, exclude, untracked, when, expireIn: expire_in, reports } = artifacts
  const archive: PayloadArtifacts = {
    artifact_type: 'archive',
    artifact_format: 'zip',
    name,
    paths,
    exclude,
    untracked,
    when,
    expire_in,
  }
  return [
    ...(paths.length > 0 || untracked ? [archive] : []),
    ...(reports ? reportPaths(reports) : []).flatMap(([type, reported]): PayloadArtifacts[] => {
      const known = reportType(type)
      if (!known) return []
      return [
        {
          artifact_type: type,
          artifact_format: known.format,
          name: known.name,
          paths: reported,
          exclude: [],
          untracked: false,
          when: 'always',
          expire_in,
        },
      ]
    }),
  ]
}
