import type { Diagnostic } from '../shared/diagnostic.ts'
import type { JobVerdict, PipelinePlan, TraceStep } from '../model/plan.ts'
import type { Variable } from '../model/variable.ts'
import type { Config } from './config.ts'
import { stageOf } from './config/graph.ts'
import { namesOf } from './config/instances.ts'
import { limitsOf, type Planning, type PlanFacts, startPlanning, verdictOf } from './plan/context.ts'
import { type Candidate, decideJob, isCandidate } from './plan/job.ts'
import { resolveNeeds } from './plan/needs.ts'
import { addFinding } from './plan/problems.ts'
import { rootSources } from './plan/variable-sources.ts'
import { checkVariableCycles } from './plan/variable-cycles.ts'
import { rootVariables } from './plan/variables.ts'
import { autoCancel, decideWorkflow, pipelineName } from './plan/workflow.ts'
import { FILTERED_BY_RULES, FILTERED_BY_WORKFLOW, tooManyPipelineJobs } from './texts.ts'

export type { PlanFacts } from './plan/context.ts'

export type PlanOutcome =
  | { readonly kind: 'plan'; readonly plan: PipelinePlan; readonly warnings: readonly Diagnostic[] }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'filtered_by_workflow_rules' | 'filtered_by_rules'
      /** GitLab's sentence. */
      readonly message: string
      readonly excluded: readonly JobVerdict[]
      /** What the rules let in, where that are jobs of `.pre` and `.post` alone. */
      readonly edges?: readonly JobVerdict[]
      readonly workflow: readonly TraceStep[]
    }

/**
 * Decides everything that a document leaves open: whether there is a pipeline, which jobs are in it and why,
 * their variables and edges. In GitLab's order: workflow rules, rules or only/except of each job, checks of
 * the jobs that are in, then whether any is left.
 */
export function plan(config: Config, facts: PlanFacts): PlanOutcome {
  const planning = startPlanning(config, facts)
  const workflow = decideWorkflow(planning)
  const steps = workflow?.steps ?? []
  if (workflow && !workflow.in) {
    return {
      kind: 'filtered_by_workflow_rules',
      message: FILTERED_BY_WORKFLOW,
      excluded: withoutPipeline(workflow.because, planning),
      workflow: steps,
    }
  }
  const rule = workflow?.rule ?? null
  const root = rootVariables(config.variables, rule?.variables ?? [])
  const { candidates, excluded } = decideJobs(root, planning)
  const jobs = resolveNeeds(candidates, excluded, planning)
  checkVariableCycles(candidates, planning)
  checkSize(candidates, planning)
  if (planning.problems.length > 0) return { kind: 'invalid', diagnostics: planning.problems }
  if (jobs.every(({ stage }) => stage === '.pre' || stage === '.post')) {
    const edges = jobs.map(({ verdict }) => ({ ...verdict, in: false, because: ONLY_EDGES }))
    return {
      kind: 'filtered_by_rules',
      message: FILTERED_BY_RULES,
      excluded,
      edges,
      workflow: steps,
    }
  }
  const used = new Set(jobs.map(({ stage }) => stage))
  return {
    kind: 'plan',
    warnings: config.warnings,
    plan: Object.freeze({
      name: pipelineName(root, planning),
      stages: config.stages.filter((stage) => used.has(stage)),
      jobs,
      excluded,
      workflow: steps,
      variables: rootSources(rule, planning),
      autoCancel: autoCancel(rule, planning),
    }),
  }
}

/** GitLab: counted after the rules; the jobs that are in, each parallel instance for itself. */
function checkSize(candidates: readonly Candidate[], planning: Planning): void {
  const most = limitsOf(planning).pipelineJobs
  const first = most === 0 ? undefined : candidates[most]
  if (first === undefined || planning.problems.length > 0) return
  const help = `${first.plan.name} is job ${most + 1} of ${candidates.length}; language.ci_pipeline_size sets the limit`
  addFinding(planning, first.config.span, tooManyPipelineJobs(most), help)
}

const ONLY_EDGES = 'jobs of .pre and .post alone make no pipeline'

/** The jobs of a pipeline that `workflow:rules` refuse: nobody looked at their own rules. */
function withoutPipeline(because: string, planning: Planning): JobVerdict[] {
  return [...planning.config.jobs.values()].flatMap((job) =>
    namesOf(job).map((name) =>
      verdictOf(
        planning,
        { name, stage: stageOf(job), span: job.span },
        { in: false, because: `no pipeline: ${because}`, steps: [] },
      ),
    ),
  )
}

function decideJobs(
  root: readonly Variable[],
  planning: Planning,
): { candidates: Candidate[]; excluded: JobVerdict[] } {
  const candidates: Candidate[] = []
  const excluded: JobVerdict[] = []
  for (const config of planning.config.jobs.values()) {
    for (const instance of config.instances ?? [null]) {
      const outcome = decideJob(config, instance, root, planning)
      if (isCandidate(outcome)) candidates.push(outcome)
      else excluded.push(outcome)
    }
  }
  return { candidates, excluded }
}
