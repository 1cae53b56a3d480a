import type { Config, JobConfig, PolicyConfig } from '../ci/config.ts'
import { stageOf } from '../ci/config/graph.ts'
import { namesOf } from '../ci/config/instances.ts'
import type { PipelinePlan } from '../model/plan.ts'

/** GitLab's default of `only`. */
const DEFAULT_REFS = { refs: ['branches', 'tags'] }

/** A job as GitLab's lint shows it. */
export interface LintJob {
  readonly name: string
  readonly stage: string
  readonly before_script: readonly string[]
  readonly script: readonly string[]
  readonly after_script: readonly string[]
  readonly tag_list: readonly string[]
  readonly environment: string | null
  readonly when: string
  readonly allow_failure: boolean
}

/** What only the static check shows. */
export interface StaticLintJob extends LintJob {
  readonly only: object | null
  readonly except: object | null
  readonly needs:
    | readonly { readonly name: string; readonly artifacts: boolean; readonly optional: boolean }[]
    | null
}

/** Every job of the document, by stage (GitLab: `yaml_processor_result_to_jobs`). */
export function staticJobs(config: Config): StaticLintJob[] {
  const jobs = [...config.jobs.values()]
  return config.stages.flatMap((stage) =>
    jobs
      .filter((job) => stageOf(job) === stage)
      .flatMap((job) => namesOf(job).map((name) => staticJob(name, stage, job, config))),
  )
}

function staticJob(name: string, stage: string, { keywords }: JobConfig, config: Config): StaticLintJob {
  const { when, allow_failure: allowed, needs, only, except, rules } = keywords
  const byDefault = rules === undefined && config.workflow.rules === null ? DEFAULT_REFS : null
  return {
    name,
    stage,
    before_script: keywords.before_script ?? [],
    script: keywords.script ?? [],
    after_script: keywords.after_script ?? [],
    tag_list: keywords.tags ?? [],
    only: only === undefined ? byDefault : { ...byDefault, ...policy(only) },
    except: except === undefined ? null : policy(except),
    environment: keywords.environment?.value.name ?? null,
    when: when ?? 'on_success',
    allow_failure: allowed?.allowed ?? when === 'manual',
    needs: needs?.jobs.map(({ job, artifacts, optional }) => ({ name: job, artifacts, optional })) ?? null,
  }
}

function policy({ refs, variables, changes, kubernetes }: PolicyConfig): object {
  return {
    ...(refs && { refs: refs.value }),
    ...(variables && { variables: variables.value.map(({ text }) => text) }),
    ...(changes && { changes: { paths: changes.value } }),
    ...(kubernetes && { kubernetes: kubernetes.value }),
  }
}

/** The jobs of one pipeline, by stage (GitLab: `dry_run_convert_to_jobs`). */
export function plannedJobs({ stages, jobs }: PipelinePlan): LintJob[] {
  return stages.flatMap((stage) =>
    jobs
      .filter((job) => job.stage === stage)
      .map(({ name, when, allowFailure, tags, options }) => ({
        name,
        stage,
        before_script: options.beforeScript,
        script: options.script,
        after_script: options.afterScript,
        tag_list: tags,
        environment: options.environment?.name ?? null,
        when,
        allow_failure: allowFailure,
      })),
  )
}
