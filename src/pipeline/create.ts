import { compilePipeline, type CompileOutcome } from '../compile/compile.ts'
import type { CreatePipelineCommand, CreatePipelineResult, Refusal } from '../model/command.ts'
import type { Project } from '../model/project.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import { err } from '../shared/result.ts'
import { checkVariables } from './check-variables.ts'
import type { EngineContext } from './context.ts'
import { persistInvalid, persistPipeline } from './persist.ts'
import { resolveCheckout, type Target } from './resolve-checkout.ts'

/** GitLab: `There cannot be more than 20 inputs`. */
const MOST_INPUTS = 20

/**
 * The one way a pipeline comes to be: each line a step, in the order in which GitLab decides; the first that says no answers.
 * When this resolves with `created`, the rows are committed and no job has run. Throws only what the database or git throws.
 */
export async function createPipeline(
  context: EngineContext,
  command: CreatePipelineCommand,
): Promise<CreatePipelineResult> {
  const project = context.projects.find(command.projectId)
  if (!project) throw new Error(`project ${command.projectId} is not served`)
  if (!mayCreate(context, command))
    return refuse('insufficient_permissions', 'Insufficient permissions to create a new pipeline')

  const repository = context.projects.repository(project)
  const target = await resolveCheckout(repository, command.checkout).catch((error: unknown) =>
    unreadable(project, error),
  )
  if (!target.ok) return refuse(target.error.reason, target.error.message, target.error.detail)

  const refused = checkVariables(command.variables)
  if (refused) return refuse(refused.reason, refused.message, refused.detail)
  if (Object.keys(command.inputs).length > MOST_INPUTS) {
    return refuse('too_many_inputs', `There cannot be more than ${MOST_INPUTS} inputs`)
  }

  const createdAt = context.clock.now()
  const outcome = await compile(context, command, project, target.value, createdAt)
  switch (outcome.kind) {
    case 'missing_config':
      return refuse(
        'missing_config',
        'Missing CI config file',
        `${command.configPath ?? project.configPath} is not in commit ${target.value.sha.slice(0, 8)}`,
      )
    case 'unknown_job':
      return refuse('unknown_job', outcome.message, outcome.detail)
    case 'filtered_by_workflow_rules':
    case 'filtered_by_rules':
      return refuse(outcome.kind, outcome.message, explainExcluded(outcome))
    case 'invalid': {
      const pipelineId = command.saveInvalid
        ? persistInvalid(context, command, project, target.value, outcome, createdAt)
        : null
      return { kind: 'invalid', pipelineId, diagnostics: outcome.diagnostics, sources: outcome.sources }
    }
    case 'plan': {
      const pipelineId = persistPipeline(context, command, project, target.value, outcome, createdAt)
      return { kind: 'created', pipelineId, warnings: outcome.warnings, sources: outcome.sources }
    }
  }
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
  target: Target,
  createdAt: number,
): Promise<CompileOutcome> {
  return compilePipeline({
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
    scheduleDescription: null,
    server: context.server(),
    createdAt,
    inputs: command.inputs,
    ...(context.includes ? { includes: context.includes(command.userId) } : {}),
    selection: command.selection,
    forRun: true,
  })
}

function explainExcluded(
  outcome: Extract<CompileOutcome, { kind: 'filtered_by_workflow_rules' | 'filtered_by_rules' }>,
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
  return { kind: 'refused', refusal: { reason, message, detail, diagnostics: [], sources: new Map() } }
}
