import { createHash } from 'node:crypto'
import type { Config } from '../ci/config.ts'
import { load } from '../ci/load.ts'
import { plan, type PlanFacts } from '../ci/plan.ts'
import { comparedRefs } from '../ci/plan/compared-refs.ts'
import { refusedIn } from '../ci/refused.ts'
import { selectJobs } from '../ci/select.ts'
import { inputsNotDefined } from '../ci/texts.ts'
import { pipelineNameVariables } from '../ci/variables/predefined-pipeline.ts'
import { projectVariablesFor } from '../ci/variables/project-scope.ts'
import { userVariables } from '../ci/variables/user.ts'
import type { Commit } from '../model/commit.ts'
import type { JobVerdict, PipelinePlan, TraceStep } from '../model/plan.ts'
import type { Project } from '../model/project.ts'
import type { PipelineSource } from '../model/source.ts'
import type { User } from '../model/user.ts'
import type { Variable } from '../model/variable.ts'
import type { GitRepository } from '../platform/git.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { changedPaths, comparedPaths } from './changed-paths.ts'
import { cachedConfig } from './config-cache.ts'
import { isProtected, predefinedVariables } from './predefined.ts'

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
  readonly pipelineVariables: readonly Variable[]
  readonly user: User | null
  /** Started with a trigger token: `CI_PIPELINE_TRIGGERED`. */
  readonly triggered: boolean
  readonly scheduleDescription: string | null
  /** The external address without a trailing slash, and the GitLab version that is emulated. */
  readonly server: { readonly url: string; readonly version: string }
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly inputs: Readonly<Record<string, unknown>>
  /** Jobs named on the command line; null: all. */
  readonly selection: readonly string[] | null
  /** The pipeline is to run: a job that asks for what Sluice cannot do is then an error, and not when it is only looked at. */
  readonly forRun: boolean
}

export type CompileOutcome =
  | {
      readonly kind: 'plan'
      readonly plan: PipelinePlan
      readonly configSha256: string
      readonly predefined: readonly Variable[]
      readonly projectVariables: readonly Variable[]
      readonly warnings: readonly Diagnostic[]
      readonly sources: Sources
    }
  | {
      readonly kind: 'invalid'
      readonly diagnostics: readonly Diagnostic[]
      readonly sources: Sources
      readonly configSha256: string | null
    }
  | { readonly kind: 'missing_config' }
  | { readonly kind: 'unknown_job'; readonly message: string; readonly detail: string }
  | {
      readonly kind: 'filtered_by_workflow_rules' | 'filtered_by_rules'
      readonly message: string
      readonly excluded: readonly JobVerdict[]
      readonly workflow: readonly TraceStep[]
    }

/**
 * A commit's CI file as the plan of one pipeline, or why there is none. Reads git and nothing else; rejects
 * only when the repository itself cannot be read.
 */
export async function compilePipeline(request: CompileRequest): Promise<CompileOutcome> {
  const { repository, treeSha, configPath } = request
  const [file, commit] = await Promise.all([
    repository.readFile(treeSha, configPath),
    repository.commit(request.sha),
  ])
  if (file === undefined) return { kind: 'missing_config' }
  const text = file.bytes.toString('utf8')
  const loaded = await cachedConfig({ blobId: file.blobId, path: configPath }, () =>
    load({ path: configPath, text }, (path) => readText(repository, treeSha, path)),
  )
  const configSha256 = createHash('sha256').update(file.bytes).digest('hex')
  if (!loaded.ok) return { kind: 'invalid', ...loaded.error, configSha256 }
  const config = loaded.value
  const given = Object.keys(request.inputs)
  if (given.length > 0)
    return { kind: 'invalid', diagnostics: [unknownInputs(given)], sources: config.sources, configSha256 }
  if (commit === undefined) throw new Error(`Bug: ${request.sha} is not a commit of ${repository.gitDir}`)
  return planOf(config, request, commit, configSha256)
}

async function planOf(
  config: Config,
  request: CompileRequest,
  commit: Commit,
  configSha256: string,
): Promise<CompileOutcome> {
  const predefined = predefinedVariables(request, commit)
  const projectVariables = projectVariablesFor(request.project.variables, {
    environment: null,
    refProtected: isProtected(request),
  })
  const facts = await gatherFacts(config, request, predefined, projectVariables)
  const planned = plan(config, facts)
  if (planned.kind === 'invalid') return { ...planned, sources: config.sources, configSha256 }
  if (planned.kind !== 'plan') return planned
  const selected =
    request.selection === null ? undefined : selectJobs(planned.plan, request.selection, request)
  if (selected && !selected.ok) return { kind: 'unknown_job', ...selected.error }
  const chosen = selected?.value ?? planned.plan
  if (request.forRun) {
    const named = new Set(facts.above.map(({ key }) => key))
    const refused = refusedIn(chosen, config, named)
    if (refused.length > 0)
      return { kind: 'invalid', diagnostics: refused, sources: config.sources, configSha256 }
  }
  return {
    kind: 'plan',
    plan: chosen,
    configSha256,
    predefined: [...predefined, ...pipelineNameVariables(planned.plan.name)],
    projectVariables,
    warnings: planned.warnings,
    sources: config.sources,
  }
}

async function gatherFacts(
  config: Config,
  request: CompileRequest,
  predefined: readonly Variable[],
  projectVariables: readonly Variable[],
): Promise<PlanFacts> {
  const { repository, treeSha, source, ref, tag, project, user } = request
  const facts: PlanFacts = {
    source,
    ref,
    tag,
    projectFullPath: project.name,
    predefined,
    above: [...(user === null ? [] : userVariables(user)), ...projectVariables, ...request.pipelineVariables],
    changedPaths: await changedPaths(config, request),
    treePaths: config.wants.treePaths ? await repository.treePaths(treeSha) : null,
  }
  const refs = comparedRefs(config, facts)
  return refs.length === 0 ? facts : { ...facts, compared: await comparedPaths(refs, request) }
}

async function readText(repository: GitRepository, sha: string, path: string): Promise<string | undefined> {
  return (await repository.readFile(sha, path))?.bytes.toString('utf8')
}

/** GitLab: a file without a `spec` header takes no inputs. */
function unknownInputs(names: readonly string[]): Diagnostic {
  const { code, text } = inputsNotDefined
  return {
    severity: 'error',
    code,
    message: text,
    help: `given: ${names.join(', ')}; the file has no \`spec:inputs\``,
  }
}
