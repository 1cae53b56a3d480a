import type { Config } from '../ci/config.ts'
import type { RootFile } from '../ci/include/compose.ts'
import { withOrigin } from '../ci/include/origin.ts'
import type { IncludePort } from '../ci/include/port.ts'
import { readComposition } from '../ci/load.ts'
import { plan, type PlanFacts } from '../ci/plan.ts'
import { comparedRefs } from '../ci/plan/compared-refs.ts'
import { foreignProjects } from '../ci/plan/foreign-trees.ts'
import { refusedIn } from '../ci/refused.ts'
import { selectJobs } from '../ci/select.ts'
import type { LanguageLimits } from '../model/language-limits.ts'
import type { JobVerdict, PipelinePlan, TraceStep } from '../model/plan.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { cachedConfig } from './config-cache.ts'
import { composeDocument, type Watch } from './compose-document.ts'
import { foreignTrees } from './foreign-trees.ts'

/** What a plan is made from, beside what its document asks the port for. Plain data: another thread may do the work. */
export interface PlanTask {
  readonly root: RootFile
  readonly inputs: Readonly<Record<string, unknown>>
  readonly facts: Pick<
    PlanFacts,
    'source' | 'ref' | 'tag' | 'projectFullPath' | 'predefined' | 'above' | 'scoped'
  >
  /** Jobs named on the command line; null: all. */
  readonly selection: readonly string[] | null
  readonly forRun: boolean
  /** Absent: GitLab's. */
  readonly limits?: LanguageLimits
}

/** A document's plan, or why there is none. Without the document it is plain data as well. */
export type DocumentOutcome<Document> =
  | {
      readonly kind: 'plan'
      readonly plan: PipelinePlan
      readonly warnings: readonly Diagnostic[]
      readonly sources: Sources
      readonly config: Document
    }
  | {
      readonly kind: 'invalid'
      readonly diagnostics: readonly Diagnostic[]
      readonly sources: Sources
      /** Null: it is the document that is wrong, and not this pipeline of it. */
      readonly config: Document | null
    }
  | { readonly kind: 'unknown_job'; readonly message: string; readonly detail: string }
  | {
      readonly kind: 'filtered_by_workflow_rules' | 'filtered_by_rules'
      readonly message: string
      readonly excluded: readonly JobVerdict[]
      /** What the rules let in, where that are jobs of `.pre` and `.post` alone. */
      readonly edges?: readonly JobVerdict[]
      readonly workflow: readonly TraceStep[]
      readonly config: Document
    }

/** Reads a document with all it includes and decides its pipeline. Everything that it wants to know it asks of the port. */
export async function planDocument(
  task: PlanTask,
  port: IncludePort,
  watch?: Watch,
): Promise<DocumentOutcome<Config>> {
  const composed = await composeDocument(task, port, watch)
  if (!composed.ok) return { kind: 'invalid', ...composed.error, config: null }
  const loaded = cachedConfig(composed.value.key, () => readComposition(composed.value).loaded)
  if (!loaded.ok) return { kind: 'invalid', ...loaded.error, config: null }
  const config = loaded.value
  const facts = await gatherFacts(config, task, port)
  const planned = plan(config, facts)
  if (planned.kind === 'invalid') {
    const diagnostics = planned.diagnostics.map((found) => withOrigin(found, config.trails, config.sources))
    return { ...planned, diagnostics, sources: config.sources, config }
  }
  if (planned.kind !== 'plan') return { ...planned, config }
  const selected = task.selection === null ? undefined : selectJobs(planned.plan, task.selection, task.facts)
  if (selected && !selected.ok) return { kind: 'unknown_job', ...selected.error }
  const chosen = selected?.value ?? planned.plan
  const named = new Set(facts.above.map(({ key }) => key))
  const refused = task.forRun ? refusedIn(chosen, config, named) : []
  if (refused.length > 0)
    return { kind: 'invalid', diagnostics: refused, sources: config.sources, config: null }
  return { kind: 'plan', plan: chosen, warnings: planned.warnings, sources: config.sources, config }
}

/** Of the repository only what a rule of the document wants to know. */
async function gatherFacts(config: Config, task: PlanTask, port: IncludePort): Promise<PlanFacts> {
  const { wants } = config
  const facts: PlanFacts = {
    ...task.facts,
    ...(task.limits ? { limits: task.limits } : {}),
    changedPaths: wants.changedPaths ? await port.changedPaths() : null,
    treePaths: wants.treePaths && port.root !== null ? await port.paths(port.root) : null,
  }
  const refs = comparedRefs(config, facts)
  const projects = foreignProjects(config, facts)
  const compared = new Map<string, readonly string[] | null>()
  for (const ref of refs) compared.set(ref, await port.comparedPaths(ref))
  return {
    ...facts,
    ...(refs.length === 0 ? {} : { compared }),
    ...(projects.length === 0 ? {} : { foreign: await foreignTrees(projects, port) }),
  }
}
