import type { CreatePipelineCommand } from '../model/command.ts'
import type { FailureReason } from '../model/failure-reason.ts'
import type { TriggerPlan } from '../model/keyword-plans.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import type { Project } from '../model/project.ts'
import type { Variable } from '../model/variable.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { expandFor, forwardedVariables, serverSideVariables } from './bridge-variables.ts'
import type { EngineContext } from './context.ts'
import { dotenvVariables } from './dependencies.ts'
import { hierarchySize, isChild, selfAndParents, selfAndUpstreams } from './hierarchy.ts'
import type { PlacedJob } from './job-variables.ts'
import { mergeRequestOf } from './merge-request-of.ts'

/** Why a bridge starts no pipeline; `detail` is our own sentence for its log. */
export interface BridgeRefusal {
  readonly reason: FailureReason
  readonly detail: string
}

/** GitLab: `MAX_NESTED_CHILDREN`, children and children of children. */
const MOST_NESTED = 2
/** GitLab: A → B → A may be meant, A → B → A → B → A is a loop. */
const MOST_REPEATS = 2

/** What a bridge starts, checked in GitLab's order (`CreateDownstreamPipelineService`). */
export function downstreamCommand(
  context: EngineContext,
  placed: PlacedJob,
  trigger: TriggerPlan,
): Result<CreatePipelineCommand, BridgeRefusal> {
  const { job, pipeline } = placed
  const userId = job.userId ?? pipeline.userId
  const seen = serverSideVariables(context, placed)
  const target = targetOf(context, placed, trigger, { userId, seen })
  if (!target.ok) return target
  const refusal = limitPassed(context, placed, trigger) ?? notAllowed(context, target.value, placed, userId)
  if (refusal) return err(refusal)
  if (trigger.kind === 'project' && isLoop(context, placed)) {
    const detail = 'the same project, ref and source have led here twice already'
    return err({ reason: 'pipeline_loop_detected', detail })
  }
  const command =
    trigger.kind === 'child'
      ? childCommand(context, placed, trigger)
      : projectCommand(target.value, trigger, seen)
  return ok({
    ...command,
    projectId: target.value.id,
    variables: handedOn(context, placed, trigger, seen),
    userId,
    request: null,
    triggerId: null,
    sourceKey: `child:${job.id}`,
    saveInvalid: true,
    selection: null,
    configPath: null,
    parentJobId: job.id,
  })
}

type What = Pick<CreatePipelineCommand, 'source' | 'checkout' | 'inputs' | 'mergeRequest' | 'childConfig'>

/** GitLab: same commit, same previous tip, same merge request; here also the snapshot of a work tree. */
function childCommand(
  { store }: EngineContext,
  { pipeline }: PlacedJob,
  { includes }: Extract<TriggerPlan, { kind: 'child' }>,
): What {
  const { ref, tag, sha, snapshotSha, beforeSha } = pipeline
  return {
    source: 'parent_pipeline',
    checkout: { kind: 'commit', ref, tag, sha, snapshotSha, beforeSha },
    mergeRequest: mergeRequestOf(store, pipeline.id),
    inputs: {},
    childConfig: { includes, parentPipelineId: pipeline.id },
  }
}

function projectCommand(
  project: Project,
  { branch, inputs }: Extract<TriggerPlan, { kind: 'project' }>,
  seen: readonly Variable[],
): What {
  const ref = branch === null ? project.defaultBranch : expandFor(branch, seen)
  return { source: 'pipeline', checkout: { kind: 'ref', ref }, inputs: inputs ?? {} }
}

/** The project of the new pipeline, as far as the user may see it. GitLab: nobody's pipelines see no other project. */
function targetOf(
  { projects, store }: EngineContext,
  { project }: PlacedJob,
  trigger: TriggerPlan,
  { userId, seen }: { readonly userId: number | null; readonly seen: readonly Variable[] },
): Result<Project, BridgeRefusal> {
  if (trigger.kind === 'child') return ok(project)
  const path = expandFor(trigger.project, seen)
  const found = projects.named(path)
  const notFound = (detail: string): Result<never, BridgeRefusal> =>
    err({ reason: 'downstream_bridge_project_not_found', detail })
  if (!found) {
    return notFound(
      `no project "${path}" is served here; add it to \`projects\` in runner.config.yaml and start it with sluice serve`,
    )
  }
  if (found.id === project.id) {
    const detail = 'a project starts pipelines of its own with `trigger:include`'
    return err({ reason: 'invalid_bridge_trigger', detail })
  }
  if (userId === null)
    return notFound('a legacy trigger has no user and reaches no other project; give the trigger an owner')
  if (userId !== LOCAL_USER_ID && store.users.roleIn(found.id, userId) === undefined)
    return notFound(`the pipeline's user is no member of ${found.name}`)
  return ok(found)
}

function limitPassed(
  { store, limits }: EngineContext,
  { pipeline }: PlacedJob,
  trigger: TriggerPlan,
): BridgeRefusal | undefined {
  if (trigger.kind === 'child' && selfAndParents(store, pipeline).length > MOST_NESTED) {
    const detail = `child pipelines may be nested ${MOST_NESTED} levels deep`
    return { reason: 'reached_max_descendant_pipelines_depth', detail }
  }
  const most = limits.pipelineHierarchySize
  if (most > 0 && hierarchySize(store, pipeline, most) >= most) {
    const detail = `${most} pipelines hang together already (limits: pipeline_hierarchy_size)`
    return { reason: 'reached_max_pipeline_hierarchy_size', detail }
  }
  return undefined
}

/** GitLab: the user may have lost the role that the pipeline began with. */
function notAllowed(
  { store }: EngineContext,
  target: Project,
  { project }: PlacedJob,
  userId: number | null,
): BridgeRefusal | undefined {
  if (userId === null || userId === LOCAL_USER_ID) return undefined
  const blocked = store.users.find(userId)?.blocked === true
  const missing = [project, target].find(({ id }) => store.users.roleIn(id, userId) === undefined)
  if (!blocked && !missing) return undefined
  const detail = blocked
    ? "the pipeline's user is blocked"
    : `the pipeline's user is no member of ${missing?.name}`
  return { reason: 'insufficient_bridge_permissions', detail }
}

function isLoop({ store }: EngineContext, { pipeline }: PlacedJob): boolean {
  const met = new Map<string, number>()
  for (const each of selfAndUpstreams(store, pipeline)) {
    if (isChild(store, each)) continue
    const key = `${each.projectId} ${each.source} ${each.ref}`
    met.set(key, (met.get(key) ?? 0) + 1)
  }
  return [...met.values()].some((times) => times > MOST_REPEATS)
}

function handedOn(
  { store }: EngineContext,
  { job, pipeline }: PlacedJob,
  { forward }: TriggerPlan,
  seen: readonly Variable[],
): Variable[] {
  const own = store.jobs.optionsOf(job.id).variables
  const pipelines = [...dotenvVariables(store, job), ...store.pipelineVariables.of(pipeline.id)]
  return forwardedVariables(forward, own, pipelines, seen)
}
