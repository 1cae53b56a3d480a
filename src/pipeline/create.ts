import { compilePipeline } from '../compile/compile.ts'
import type { PipelineOutcome } from '../compile/compiler.ts'
import type { CreatePipelineCommand, CreatePipelineResult, Refusal } from '../model/command.ts'
import type { Project } from '../model/project.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { withCacheKeys } from './cache-keys.ts'
import { checkVariables } from './check-variables.ts'
import type { EngineContext } from './context.ts'
import { markKept } from './kept-workspace.ts'
import { persistInvalid, persistPipeline, persistSkipped } from './persist.ts'
import { type NumberedTarget, withPipelineNumber } from './pipeline-number.ts'
import { resolveCheckout, type Target } from './resolve-checkout.ts'
import { skipsCi } from './skip-ci.ts'
import { upstreamFacts } from './upstream-facts.ts'
import { checkDeclared, checkPolicy } from './variable-policy.ts'

/** GitLab: `There cannot be more than 20 inputs`. */
const MOST_INPUTS = 20

/**
 * The one way a pipeline comes to be: each line a step, in the order in which GitLab decides; the first that says no answers.
 * When this resolves with `created`, the rows are committed, `synced` makes them durable, and no job has run. Throws only what the database or git throws.
 */
export async function createPipeline(
  context: EngineContext,
  command: CreatePipelineCommand,
): Promise<CreatePipelineResult> {
  const admitted = await admit(context, command)
  if (!admitted.ok) return { kind: 'refused', refusal: admitted.error }
  if (isCrowded(context, command)) {
    const most = context.limits.waitingPipelines
    return refuse('too_many_waiting', 'Too many pipelines are waiting', `limits.waiting_pipelines is ${most}`)
  }
  const { project, target } = admitted.value
  context.crowd.joined()
  return withPipelineNumber(context, project.id, (iid) => make(context, command, project, { ...target, iid }))
}

async function make(
  context: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
): Promise<CreatePipelineResult> {
  const createdAt = context.clock.now()
  const skips =
    command.skip === true ||
    (command.honourSkipCi === true && (await skipsCi(context.projects.repository(project), target.sha)))
  const decided = await decide(context, command, project, target, createdAt)
  if (!decided.ok) return { kind: 'refused', refusal: decided.error }
  const outcome = decided.value
  switch (outcome.kind) {
    case 'missing_config':
      return refuse(
        'missing_config',
        'Missing CI config file',
        `${command.configPath ?? project.configPath} is not in commit ${target.sha.slice(0, 8)}`,
      )
    case 'unknown_job':
      return refuse('unknown_job', outcome.message, outcome.detail)
    case 'filtered_by_workflow_rules':
    case 'filtered_by_rules':
      if (skips) return skipped(context, command, project, target, createdAt)
      return refuse(outcome.kind, outcome.message, explainExcluded(outcome))
    case 'invalid': {
      const pipelineId = command.saveInvalid
        ? persistInvalid(context, command, project, target, outcome, createdAt)
        : null
      return { kind: 'invalid', pipelineId, diagnostics: outcome.diagnostics, sources: outcome.sources }
    }
    case 'plan': {
      if (skips) return skipped(context, command, project, target, createdAt)
      const jobs = await withCacheKeys(outcome.plan.jobs, {
        repository: context.projects.repository(project),
        treeSha: target.snapshotSha ?? target.sha,
      })
      const keyed = { ...outcome, plan: { ...outcome.plan, jobs: markKept(jobs) } }
      const pipelineId = persistPipeline(context, command, project, target, keyed, createdAt)
      return { kind: 'created', pipelineId, warnings: outcome.warnings, sources: outcome.sources }
    }
  }
}

/** What comes before the CI file: who may, which commit, which variables. */
export async function admit(
  context: EngineContext,
  command: CreatePipelineCommand,
): Promise<Result<{ readonly project: Project; readonly target: Target }, Refusal>> {
  const project = context.projects.find(command.projectId)
  if (!project) throw new Error(`project ${command.projectId} is not served`)
  if (!mayCreate(context, command))
    return err(refusalOf('insufficient_permissions', 'Insufficient permissions to create a new pipeline'))

  const target = await resolveCheckout(context.projects.repository(project), command.checkout).catch(
    (error: unknown) => unreadable(project, error),
  )
  if (!target.ok) return err(refusalOf(target.error.reason, target.error.message, target.error.detail))

  const refused = checkPolicy(project, command) ?? checkVariables(command.variables)
  if (refused) return err(refusalOf(refused.reason, refused.message, refused.detail))
  if (Object.keys(command.inputs).length > MOST_INPUTS) {
    return err(refusalOf('too_many_inputs', `There cannot be more than ${MOST_INPUTS} inputs`))
  }
  return ok({ project, target: target.value })
}

/** What the CI file and its rules make of it. */
export async function decide(
  context: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
  createdAt: number,
): Promise<Result<PipelineOutcome, Refusal>> {
  const outcome = await compile(context, command, project, target, createdAt)
  if (outcome.kind !== 'plan') return ok(outcome)
  const undeclared = checkDeclared(project, command, outcome.plan.variables ?? [])
  return undeclared ? err(refusalOf(undeclared.reason, undeclared.message, undeclared.detail)) : ok(outcome)
}

/** Requests from outside stop when so much waits; what is under way goes on. */
function isCrowded({ crowd }: EngineContext, { source, request }: CreatePipelineCommand): boolean {
  if (request === null && source !== 'api' && source !== 'web') return false
  return crowd.isTooLarge()
}

/** GitLab keeps a pipeline without jobs, so that a person sees why nothing ran. */
function skipped(
  context: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
  createdAt: number,
): CreatePipelineResult {
  const pipelineId = persistSkipped(context, command, project, target, createdAt)
  return { kind: 'created', pipelineId, warnings: [], sources: new Map() }
}

/** A repository that was moved away or damaged has no refs: the caller gets GitLab's answer, the record what happened. */
function unreadable(project: Project, error: unknown): Awaited<ReturnType<typeof resolveCheckout>> {
  const why = error instanceof Error ? error.message : String(error)
  return err({
    reason: 'reference_not_found',
    message: 'Reference not found',
    detail: `the repository ${project.path} cannot be read: ${why}`,
  })
}

/** GitLab: a pipeline needs the developer role. A legacy trigger has no user and reaches its own project only. */
function mayCreate({ store }: EngineContext, command: CreatePipelineCommand): boolean {
  if (command.userId === null || command.userId === LOCAL_USER_ID) return true
  return store.users.roleIn(command.projectId, command.userId) !== undefined
}

function compile(
  context: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
  createdAt: number,
): Promise<PipelineOutcome> {
  const compileIt = context.compiler?.compile ?? compilePipeline
  return compileIt({
    project,
    repository: context.projects.repository(project),
    configPath: command.configPath ?? project.configPath,
    treeSha: target.snapshotSha ?? target.sha,
    sha: target.sha,
    beforeSha: target.beforeSha,
    ref: target.ref,
    tag: target.tag,
    tagMessage: target.tagMessage,
    source: command.source,
    mergeRequest: command.mergeRequest ?? null,
    pipelineVariables: command.variables,
    user: command.userId === null ? null : (context.store.users.find(command.userId) ?? null),
    triggered: command.source === 'trigger',
    scheduleDescription: scheduleDescription(context, command),
    server: context.server(),
    createdAt,
    pipelineIid: target.iid,
    inputs: command.inputs,
    ...(context.includes ? { includes: context.includes(command.userId) } : {}),
    ...upstreamFacts(context, command),
    selection: command.selection,
    forRun: true,
  })
}

export function explainExcluded(
  outcome: Extract<PipelineOutcome, { kind: 'filtered_by_workflow_rules' | 'filtered_by_rules' }>,
): string {
  const [nearest] = outcome.excluded
  const workflow = outcome.workflow.map((step) => `${step.label}: ${step.clause} — ${step.detail}`).join('; ')
  if (outcome.kind === 'filtered_by_workflow_rules') return workflow
  return `${outcome.excluded.length} jobs looked at${nearest ? `; ${nearest.job}: ${nearest.because}` : ''}`
}

function refuse(
  reason: Refusal['reason'],
  message: string,
  detail: string | null = null,
): CreatePipelineResult {
  return { kind: 'refused', refusal: refusalOf(reason, message, detail) }
}

function refusalOf(reason: Refusal['reason'], message: string, detail: string | null = null): Refusal {
  return { reason, message, detail, diagnostics: [], sources: new Map() }
}

function scheduleDescription({ store }: EngineContext, { scheduleId }: CreatePipelineCommand): string | null {
  const schedule = typeof scheduleId === 'number' ? store.schedules.find(scheduleId) : undefined
  return schedule?.description ?? null
}
