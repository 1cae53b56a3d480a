import type { CreatePipelineCommand, Refusal } from '../model/command.ts'
import type { JobVerdict, PipelinePlan, TraceStep } from '../model/plan.ts'
import type { Project } from '../model/project.ts'
import type { Diagnostic } from '../shared/diagnostic.ts'
import type { EngineContext } from './context.ts'
import { admit, decide, explainExcluded } from './create.ts'
import type { Target } from './resolve-checkout.ts'

/** What a command would come to, without a row being written. */
export type PreviewResult =
  | {
      readonly kind: 'plan'
      readonly project: Project
      readonly target: Target
      readonly plan: PipelinePlan
      readonly warnings: readonly Diagnostic[]
    }
  /** `excluded` and `workflow`: the rules that left everything out, where it was they. */
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      readonly excluded: readonly JobVerdict[]
      readonly workflow: readonly TraceStep[]
    }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] }

/** The same decisions as `createPipeline`, in the same order. */
export async function previewPipeline(
  context: EngineContext,
  command: CreatePipelineCommand,
): Promise<PreviewResult> {
  const admitted = await admit(context, command)
  if (!admitted.ok) return { kind: 'refused', refusal: admitted.error, excluded: [], workflow: [] }
  const { project, target } = admitted.value
  // The number that the pipeline would have; nobody is kept from taking it.
  const iid = context.store.projects.lastPipelineIid(project.id) + 1
  const decided = await decide(context, command, project, { ...target, iid }, context.clock.now())
  if (!decided.ok) return { kind: 'refused', refusal: decided.error, excluded: [], workflow: [] }
  const outcome = decided.value
  const refused = (reason: Refusal['reason'], message: string, detail: string | null): Refusal => ({
    reason,
    message,
    detail,
    diagnostics: [],
    sources: new Map(),
  })
  switch (outcome.kind) {
    case 'plan':
      return { kind: 'plan', project, target, plan: outcome.plan, warnings: outcome.warnings }
    case 'invalid':
      return { kind: 'invalid', diagnostics: outcome.diagnostics }
    case 'missing_config': {
      const refusal = refused('missing_config', 'Missing CI config file', null)
      return { kind: 'refused', refusal, excluded: [], workflow: [] }
    }
    case 'unknown_job': {
      const refusal = refused('unknown_job', outcome.message, outcome.detail)
      return { kind: 'refused', refusal, excluded: [], workflow: [] }
    }
    case 'filtered_by_workflow_rules':
    case 'filtered_by_rules': {
      const refusal = refused(outcome.kind, outcome.message, explainExcluded(outcome))
      return { kind: 'refused', refusal, excluded: outcome.excluded, workflow: outcome.workflow }
    }
  }
}
