import { compilePipeline, type CompileOutcome, type CompileRequest } from '../../compile/compile.ts'
import { isProtected, predefinedVariables } from '../../compile/predefined.ts'
import type { Config } from '../../ci/config.ts'
import { namesOf } from '../../ci/config/instances.ts'
import { guessTier } from '../../ci/variables/environment-tier.ts'
import type { EnvironmentFacts } from '../../ci/variables/predefined-environment.ts'
import { pipelineNameVariables } from '../../ci/variables/predefined-pipeline.ts'
import { projectVariablesFor } from '../../ci/variables/project-scope.ts'
import { userVariables } from '../../ci/variables/user.ts'
import type { JobPlan } from '../../model/plan.ts'
import type { Variable } from '../../model/variable.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { EXIT } from '../exit-code.ts'
import { failure, type Failure } from '../failure.ts'
import { missingConfig } from '../missing-config.ts'
import type { Explained, ExplainedVariables } from './explained.ts'

/** Plans the pipeline that is asked about. A file with mistakes explains nothing. */
export async function explainLive(request: CompileRequest): Promise<Result<Explained, Failure>> {
  const [outcome, predefined] = await Promise.all([compilePipeline(request), predefinedOf(request)])
  switch (outcome.kind) {
    case 'invalid':
      return err({ exitCode: EXIT.invalid, problems: outcome.diagnostics, sources: outcome.sources })
    case 'missing_config':
      return err(missingConfig(request.configPath))
    case 'unknown_job':
      return err(failure(EXIT.usage, outcome.kind, outcome.message, outcome.detail))
    default:
      return ok(explained(outcome, request, predefined))
  }
}

type Decided = Exclude<CompileOutcome, { kind: 'invalid' | 'missing_config' | 'unknown_job' }>

function explained(outcome: Decided, request: CompileRequest, predefined: readonly Variable[]): Explained {
  const { source, ref, sha } = request
  const isPlan = outcome.kind === 'plan'
  const jobs = isPlan ? outcome.plan.jobs : []
  const { workflow, excluded } = isPlan ? outcome.plan : outcome
  const edges = isPlan ? [] : (outcome.edges ?? [])
  return {
    source,
    ref,
    sha,
    workflow,
    verdicts: inStageOrder([...jobs.map(({ verdict }) => verdict), ...excluded, ...edges], outcome.config),
    message: isPlan ? null : outcome.message,
    variables: variablesOf(
      request,
      isPlan ? [...predefined, ...pipelineNameVariables(outcome.plan.name)] : predefined,
      isPlan ? (outcome.plan.variables ?? []) : [],
      jobs,
    ),
    origin: { kind: 'live', request, jobs },
  }
}

/** By stage, and in a stage as the file has them. */
function inStageOrder(verdicts: Explained['verdicts'], { stages, jobs }: Config): Explained['verdicts'] {
  const names = [...jobs.values()].flatMap(namesOf)
  const job = new Map(names.map((name, index) => [name, index]))
  const stage = new Map(stages.map((name, index) => [name, index]))
  const place = (of: ReadonlyMap<string, number>, name: string): number => of.get(name) ?? 0
  return verdicts.toSorted(
    (a, b) => place(stage, a.stage) - place(stage, b.stage) || place(job, a.job) - place(job, b.job),
  )
}

async function predefinedOf(request: CompileRequest): Promise<readonly Variable[]> {
  const commit = await request.repository.commit(request.sha)
  return commit === undefined ? [] : predefinedVariables(request, commit)
}

function variablesOf(
  request: CompileRequest,
  predefined: readonly Variable[],
  global: ExplainedVariables['global'],
  jobs: readonly JobPlan[],
): ExplainedVariables {
  const { user, project, pipelineVariables } = request
  const scoped = projectVariablesFor(project.variables, {
    environment: null,
    refProtected: isProtected(request),
  })
  return {
    predefined,
    global,
    user: user === null ? [] : userVariables(user),
    project: scoped,
    pipeline: pipelineVariables,
    ofJob: (name) => jobs.find((job) => job.name === name)?.variables,
    environmentOf: (name) => environmentOf(jobs.find((job) => job.name === name)),
    note: ({ key, origin }) => {
      if (key === 'CI_PIPELINE_IID' && origin === 'predefined')
        return 'stands in for the number that the pipeline will get'
      const configured = origin === 'project' ? project.variables.find((one) => one.key === key) : undefined
      return configured
        ? `scope ${configured.environmentScope}, ${configured.protected ? '' : 'not '}protected`
        : null
    },
  }
}

function environmentOf(job: JobPlan | undefined): EnvironmentFacts | null {
  const target = job?.environment
  if (!job || !target || target.name === '') return null
  const { environment } = job.options
  return {
    name: target.name,
    action: environment?.action ?? 'start',
    tier: target.tier ?? guessTier(target.name),
    url: environment?.url ?? null,
  }
}
