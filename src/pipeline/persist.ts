import type { PipelineOutcome } from '../compile/compiler.ts'
import { userVariables } from '../ci/variables/user.ts'
import type { CreatePipelineCommand } from '../model/command.ts'
import type { JobPlan } from '../model/plan.ts'
import type { Project } from '../model/project.ts'
import type { StoredOptions } from '../store/jobs.ts'
import type { NewPipeline } from '../store/pipelines.ts'
import type { EngineContext } from './context.ts'
import { placeInEnvironment } from './environments/place.ts'
import { refuseEnvironment } from './environments/refuse.ts'
import type { NumberedTarget } from './pipeline-number.ts'

/** Status of the answer to an accepted trigger. */
const HTTP_CREATED = 201
/** GitLab answers this to a trigger whose configuration is invalid, and keeps a failed pipeline. */
const HTTP_UNPROCESSABLE = 422

/** Writes pipeline, jobs, variables and provenance in one transaction; `store.synced` makes it durable. Returns the pipeline's id. */
export function persistPipeline(
  context: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
  outcome: Extract<PipelineOutcome, { kind: 'plan' }>,
  now: number,
): number {
  const { store } = context
  const { plan } = outcome
  return store.write('normal', () => {
    const pipelineId = store.pipelines.add({
      ...row(context, command, project, target, now),
      status: 'created',
      name: plan.name,
      configError: null,
      configSha256: outcome.configSha256,
      onJobFailure: plan.autoCancel.onJobFailure,
      onNewCommit: plan.autoCancel.onNewCommit,
      finishedAt: null,
    })
    store.pipelineVariables.add(pipelineId, command.variables)
    store.configs.add(
      pipelineId,
      {
        workflow: plan.workflow,
        variables: plan.variables ?? [],
        jobs: [...plan.jobs.map((job) => job.verdict), ...plan.excluded],
      },
      {
        predefined: outcome.predefined,
        user: userVariablesOf(context, command),
        project: outcome.projectVariables,
        ...(outcome.scopedVariables ? { scoped: outcome.scopedVariables } : {}),
      },
    )
    // GitLab saves a pipeline stage by stage: whoever lists its jobs by their ids has the stages in order.
    for (const job of plan.jobs.toSorted((one, other) => one.stageIndex - other.stageIndex))
      addJob(context, pipelineId, project.id, job, now)
    recordRequest(context, command, pipelineId, now, { status: HTTP_CREATED, reason: null })
    return pipelineId
  })
}

/**
 * GitLab keeps a failed pipeline without jobs. Of a wrong document `yaml_errors` is the first error; of a document that is well and
 * only cannot make this pipeline (a need that the rules left out), all of them.
 */
export function persistInvalid(
  context: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
  outcome: Extract<PipelineOutcome, { kind: 'invalid' }>,
  now: number,
): number {
  const messages = outcome.diagnostics.map(({ message }) => message)
  const configError = (outcome.config ? messages.join('\n') : messages[0]) ?? 'Invalid configuration format'
  const ended = { status: 'failed', configError, configSha256: outcome.configSha256 } as const
  const answer = { status: HTTP_UNPROCESSABLE, reason: configError }
  return persistWithoutJobs(
    context,
    command,
    { ...row(context, command, project, target, now), ...ended },
    answer,
  )
}

/** What is left of a push that asked for no pipeline: one without jobs, skipped. */
export function persistSkipped(
  context: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
  now: number,
): number {
  const ended = { status: 'skipped', configError: null, configSha256: null } as const
  const answer = { status: HTTP_CREATED, reason: null }
  return persistWithoutJobs(
    context,
    command,
    { ...row(context, command, project, target, now), ...ended },
    answer,
  )
}

function persistWithoutJobs(
  context: EngineContext,
  command: CreatePipelineCommand,
  pipeline: Omit<NewPipeline, 'name' | 'onJobFailure' | 'onNewCommit' | 'finishedAt'>,
  answer: { readonly status: number; readonly reason: string | null },
): number {
  const { store } = context
  const now = pipeline.createdAt
  return store.write('normal', () => {
    const pipelineId = store.pipelines.add({
      ...pipeline,
      name: null,
      onJobFailure: 'none',
      onNewCommit: 'conservative',
      finishedAt: now,
    })
    store.pipelineVariables.add(pipelineId, command.variables)
    recordRequest(context, command, pipelineId, now, answer)
    return pipelineId
  })
}

function row(
  { processId }: EngineContext,
  command: CreatePipelineCommand,
  project: Project,
  target: NumberedTarget,
  now: number,
): Omit<
  NewPipeline,
  'status' | 'name' | 'configError' | 'configSha256' | 'onJobFailure' | 'onNewCommit' | 'finishedAt'
> {
  return {
    projectId: project.id,
    iid: target.iid,
    owner: processId,
    ref: target.ref,
    tag: target.tag,
    sha: target.sha,
    snapshotSha: target.snapshotSha,
    beforeSha: target.beforeSha,
    source: command.source,
    sourceKey: command.sourceKey,
    userId: command.userId,
    triggerId: command.triggerId,
    parentJobId: command.parentJobId ?? null,
    scheduleId: command.scheduleId ?? null,
    childConfig: command.childConfig ? JSON.stringify(command.childConfig) : null,
    createdAt: now,
  }
}

function addJob(
  { store }: EngineContext,
  pipelineId: number,
  projectId: number,
  job: JobPlan,
  now: number,
): void {
  const stored: StoredOptions = {
    options: job.options,
    variables: job.variables,
    tags: job.tags,
    dependencies: job.dependencies,
    parallel: job.parallel,
    allowFailureExitCodes: job.allowFailureExitCodes,
    interruptible: job.interruptible,
    resourceGroup: job.resourceGroup,
  }
  if (job.resourceGroup !== null) store.resourceGroups.ensure(projectId, job.resourceGroup, now)
  const id = store.jobs.add(
    {
      ...job,
      pipelineId,
      projectId,
      attempt: 1,
      kind: isBridge(job) ? 'bridge' : 'build',
      environment: job.environment?.name ?? null,
      userId: null,
      stored,
    },
    now,
  )
  if (!job.environment || !job.options.environment) return
  const placement = { jobId: id, projectId, pipelineId, plan: job.options.environment, userId: null }
  if (!placeInEnvironment(store, placement, job.environment, now))
    refuseEnvironment(store, id, job.environment.name, now)
}

function userVariablesOf(
  { store }: EngineContext,
  command: CreatePipelineCommand,
): ReturnType<typeof userVariables> {
  const user = command.userId === null ? undefined : store.users.find(command.userId)
  return user ? userVariables(user) : []
}

function recordRequest(
  { store }: EngineContext,
  command: CreatePipelineCommand,
  pipelineId: number,
  now: number,
  answer: { readonly status: number; readonly reason: string | null },
): void {
  if (command.triggerId !== null) store.triggers.markUsed(command.triggerId, now)
  if (!command.request) return
  const ms = Math.max(0, now - command.request.receivedAt)
  store.triggerRequests.add(command.request, { pipelineId, ...answer, ms })
}

function isBridge({ options }: JobPlan): boolean {
  return options.trigger !== undefined || (options.upstream ?? []).some(({ kind }) => kind === 'mirror')
}
