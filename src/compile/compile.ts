import type { Config } from '../ci/config.ts'
import type { IncludePort, Refusal } from '../ci/include/port.ts'
import { pipelineNameVariables } from '../ci/variables/predefined-pipeline.ts'
import type { TriggerIncludePlan } from '../model/keyword-plans.ts'
import type { MergeRequest } from '../model/merge-request.ts'
import type { Project } from '../model/project.ts'
import type { PipelineSource } from '../model/source.ts'
import type { User } from '../model/user.ts'
import type { ProjectVariable, Variable } from '../model/variable.ts'
import type { GitRepository } from '../platform/git.ts'
import type { Result } from '../shared/result.ts'
import { configHash } from './config-hash.ts'
import type { IncludeSources } from './include-sources.ts'
import { openTask } from './open-task.ts'
import { type DocumentOutcome, planDocument, type PlanTask } from './plan-document.ts'

export interface CompileRequest {
  readonly project: Project
  readonly repository: GitRepository
  /** The CI file, relative to the root of the repository. */
  readonly configPath: string
  /** Commit the files are read from. */
  readonly treeSha: string
  /** What the rules see as the commit. */
  readonly sha: string
  /** The previous tip of a pushed branch; 40 zeros when there is none. */
  readonly beforeSha: string
  readonly ref: string
  readonly tag: boolean
  readonly tagMessage: string | null
  readonly source: PipelineSource
  /** The merge request that the pipeline is for; `ref` is its source branch. */
  readonly mergeRequest?: MergeRequest | null
  readonly pipelineVariables: readonly Variable[]
  readonly user: User | null
  /** Started with a trigger token: `CI_PIPELINE_TRIGGERED`. */
  readonly triggered: boolean
  readonly scheduleDescription: string | null
  /** The external address without a trailing slash, and the GitLab version that is emulated. */
  readonly server: { readonly url: string; readonly version: string }
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** `CI_PIPELINE_IID`; absent: the pipeline is only looked at, as if it were the first. */
  readonly pipelineIid?: number
  readonly inputs: Readonly<Record<string, unknown>>
  /** Where includes from outside come from; absent: the cache in the project's folder, if there is one. */
  readonly includes?: IncludeSources
  /** Told when something outside of `repository` is looked at. */
  readonly onOutside?: () => void
  /** The `include` list of the trigger job whose child pipeline this is: it takes the place of the CI file. */
  readonly childIncludes?: readonly TriggerIncludePlan[] | null
  /** The job of another pipeline that started this one. */
  readonly upstream?: Upstream | null
  /** Jobs named on the command line; null: all. */
  readonly selection: readonly string[] | null
  /** The pipeline is to run: a job that asks for what Sluice cannot do is then an error, and not when it is only looked at. */
  readonly forRun: boolean
}

export interface Upstream {
  readonly pipelineId: number
  readonly projectId: number
  readonly jobId: number
  /** For `include:artifact`: a file that a job of the parent pipeline made; absent: it is no parent, but another project's pipeline. */
  readonly readArtifact?: (
    job: string,
    path: string,
  ) => Promise<Result<Buffer, Pick<Refusal, 'reason' | 'help' | 'sizes'>>>
}

/** What a pipeline is made from, or why there is none. */
export type CompileOutcome<Document = Config> =
  | (Extract<DocumentOutcome<Document>, { kind: 'plan' }> & {
      readonly configSha256: string
      readonly predefined: readonly Variable[]
      readonly projectVariables: readonly Variable[]
      /** All that the ref may see, with their scopes, when some are for single environments. */
      readonly scopedVariables?: readonly ProjectVariable[]
    })
  | (Extract<DocumentOutcome<Document>, { kind: 'invalid' }> & { readonly configSha256: string | null })
  | Exclude<DocumentOutcome<Document>, { kind: 'plan' | 'invalid' }>
  | { readonly kind: 'missing_config' }

/** Who makes the plan of a document: this thread, or another. */
export type Planner<Document> = (task: PlanTask, port: IncludePort) => Promise<DocumentOutcome<Document>>

/**
 * A commit's CI file as the plan of one pipeline, or why there is none. Reads git, and the folders that stand
 * for files from outside; rejects only when the repository itself cannot be read.
 */
export function compilePipeline(request: CompileRequest): Promise<CompileOutcome> {
  return compileWith(request, planDocument)
}

/** The same, where somebody else makes the plan. */
export async function compileWith<Document>(
  request: CompileRequest,
  planner: Planner<Document>,
): Promise<CompileOutcome<Document>> {
  const opened = await openTask(request)
  if (opened === undefined) return { kind: 'missing_config' }
  const { task, port, bytes, projectVariables } = opened
  try {
    const outcome = await planner(task, port)
    if (outcome.kind === 'invalid') return { ...outcome, configSha256: configHash(bytes, outcome.sources) }
    if (!opened.hasCommit) throw new Error(`Bug: ${request.sha} is not in ${request.repository.gitDir}`)
    if (outcome.kind !== 'plan') return outcome
    return {
      ...outcome,
      configSha256: configHash(bytes, outcome.sources),
      predefined: [...task.facts.predefined, ...pipelineNameVariables(outcome.plan.name)],
      projectVariables,
      ...(task.facts.scoped ? { scopedVariables: task.facts.scoped.variables } : {}),
    }
  } finally {
    opened.close()
  }
}
