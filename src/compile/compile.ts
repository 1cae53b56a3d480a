import type { Config } from '../ci/config.ts'
import { compose } from '../ci/include/compose.ts'
import { withOrigin } from '../ci/include/origin.ts'
import { readComposition } from '../ci/load.ts'
import { plan, type PlanFacts } from '../ci/plan.ts'
import type { IncludePort } from '../ci/include/port.ts'
import { comparedRefs } from '../ci/plan/compared-refs.ts'
import { foreignProjects } from '../ci/plan/foreign-trees.ts'
import { refusedIn } from '../ci/refused.ts'
import { selectJobs } from '../ci/select.ts'
import { pipelineNameVariables } from '../ci/variables/predefined-pipeline.ts'
import { projectVariablesFor } from '../ci/variables/project-scope.ts'
import { userVariables } from '../ci/variables/user.ts'
import type { Commit } from '../model/commit.ts'
import type { MergeRequest } from '../model/merge-request.ts'
import type { JobVerdict, PipelinePlan, TraceStep } from '../model/plan.ts'
import type { Project } from '../model/project.ts'
import type { PipelineSource } from '../model/source.ts'
import type { User } from '../model/user.ts'
import type { Variable } from '../model/variable.ts'
import type { GitRepository } from '../platform/git.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { changedPaths, comparedPaths } from './changed-paths.ts'
import { cachedConfig } from './config-cache.ts'
import { configHash } from './config-hash.ts'
import { documentCache } from './document-cache.ts'
import { foreignTrees } from './foreign-trees.ts'
import { givenInputs } from './given-inputs.ts'
import { openIncludes } from './include-reader.ts'
import type { IncludeSources } from './include-sources.ts'
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
  readonly inputs: Readonly<Record<string, unknown>>
  /** Where includes from outside come from; absent: the cache in the project's folder, if there is one. */
  readonly includes?: IncludeSources
  /** Told when something outside of `repository` is looked at. */
  readonly onOutside?: () => void
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
      /** The document that was planned. */
      readonly config: Config
    }
  | {
      readonly kind: 'invalid'
      readonly diagnostics: readonly Diagnostic[]
      readonly sources: Sources
      readonly configSha256: string | null
      /** Null: it is the document that is wrong, and not this pipeline of it. */
      readonly config?: Config | null
    }
  | { readonly kind: 'missing_config' }
  | { readonly kind: 'unknown_job'; readonly message: string; readonly detail: string }
  | {
      readonly kind: 'filtered_by_workflow_rules' | 'filtered_by_rules'
      readonly message: string
      readonly excluded: readonly JobVerdict[]
      /** What the rules let in, where that are jobs of `.pre` and `.post` alone. */
      readonly edges?: readonly JobVerdict[]
      readonly workflow: readonly TraceStep[]
      readonly config: Config
    }

/**
 * A commit's CI file as the plan of one pipeline, or why there is none. Reads git, and the folders that stand
 * for files from outside; rejects only when the repository itself cannot be read.
 */
export async function compilePipeline(request: CompileRequest): Promise<CompileOutcome> {
  const { repository, treeSha, configPath } = request
  const [file, commit] = await Promise.all([
    repository.readFile(treeSha, configPath),
    repository.commit(request.sha),
  ])
  if (file === undefined) return { kind: 'missing_config' }
  const root = { path: configPath, text: file.bytes.toString('utf8'), identity: file.blobId }
  const reader = openIncludes(request, () => Promise.resolve(includeVariables(request, commit)))
  try {
    const inputs = givenInputs(request.inputs, configPath)
    const composed = await compose(root, { port: reader.port, inputs, documents: documentCache })
    const configSha256 = configHash(file.bytes, composed.ok ? composed.value.sources : composed.error.sources)
    if (!composed.ok) return { kind: 'invalid', ...composed.error, configSha256 }
    const loaded = cachedConfig(composed.value.key, () => readComposition(composed.value).loaded)
    if (!loaded.ok) return { kind: 'invalid', ...loaded.error, configSha256 }
    if (commit === undefined) throw new Error(`Bug: ${request.sha} is not a commit of ${repository.gitDir}`)
    return await planOf(loaded.value, request, commit, configSha256, reader.port)
  } finally {
    reader.close()
  }
}

/** GitLab: what exists before the file is read, and nothing of the file itself. */
export function includeVariables(request: CompileRequest, commit: Commit | undefined): readonly Variable[] {
  const { project, user, pipelineVariables } = request
  return [
    ...(commit === undefined ? [] : predefinedVariables(request, commit)),
    ...(user === null ? [] : userVariables(user)),
    ...projectVariablesFor(project.variables, { environment: null, refProtected: isProtected(request) }),
    ...pipelineVariables,
  ]
}

async function planOf(
  config: Config,
  request: CompileRequest,
  commit: Commit,
  configSha256: string,
  port: IncludePort,
): Promise<CompileOutcome> {
  const predefined = predefinedVariables(request, commit)
  const projectVariables = projectVariablesFor(request.project.variables, {
    environment: null,
    refProtected: isProtected(request),
  })
  const facts = await gatherFacts(config, request, port, predefined, projectVariables)
  const planned = plan(config, facts)
  if (planned.kind === 'invalid') {
    const diagnostics = planned.diagnostics.map((found) => withOrigin(found, config.trails, config.sources))
    return { ...planned, diagnostics, sources: config.sources, configSha256, config }
  }
  if (planned.kind !== 'plan') return { ...planned, config }
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
    config,
  }
}

async function gatherFacts(
  config: Config,
  request: CompileRequest,
  port: IncludePort,
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
  const projects = foreignProjects(config, facts)
  return {
    ...facts,
    ...(refs.length === 0 ? {} : { compared: await comparedPaths(refs, request) }),
    ...(projects.length === 0 ? {} : { foreign: await foreignTrees(projects, port) }),
  }
}
