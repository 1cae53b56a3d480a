import { ZERO_SHA, type Pipeline } from '../../model/pipeline.ts'
import type { Status } from '../../model/status.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommitStatusRow } from '../../store/external-jobs.ts'
import type { EngineContext } from '../context.ts'
import type { Change } from '../live.ts'

export const COMMIT_STATES = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] as const

export type CommitState = (typeof COMMIT_STATES)[number]

/** What somebody outside reports of a commit. */
export interface CommitStatusReport {
  readonly projectId: number
  readonly sha: string
  readonly ref: string
  readonly tag: boolean
  readonly userId: number
  /** The pipeline that it is added to; null: a new one, whose source is `external`. */
  readonly pipelineId: number | null
  readonly name: string
  readonly state: CommitState
  readonly description: string | null
  readonly targetUrl: string | null
  readonly coverage: number | null
}

/** Commit statuses: jobs that run elsewhere. */
export interface CommitStatuses {
  /** The error is GitLab's sentence about a change of state that cannot be. */
  report(report: CommitStatusReport): Result<CommitStatusRow, string>
}

/** GitLab: `GenericCommitStatus::EXTERNAL_STAGE_IDX`; the stage comes after all others. */
const STAGE = { name: 'external', index: 1_000_000 }

export function makeCommitStatuses(context: EngineContext): CommitStatuses {
  const { store, live, clock } = context
  return {
    report: (report) =>
      store.write('full', () => {
        const open = report.pipelineId
          ? store.externalJobs.openOf(report.pipelineId, report.name, report.userId)
          : undefined
        const from = open?.status ?? 'created'
        const steps = stepsTo(from, report.state)
        if (!steps.ok) return steps
        const pipelineId = report.pipelineId ?? addPipeline(context, report)
        const jobId = open?.id ?? addJob(pipelineId, report)
        store.externalJobs.describe(jobId, report)
        // The graph in memory knows nothing of the new job.
        if (!open) live.forget(pipelineId)
        live.apply(pipelineId, 'full', changesOf(jobId, from, steps.value))
        const row = store.externalJobs.find(jobId)
        if (!row) throw new Error(`Bug: commit status ${jobId} was written and is not there`)
        return ok(row)
      }),
  }

  function addJob(pipelineId: number, report: CommitStatusReport): number {
    const id = store.jobs.add(
      {
        pipelineId,
        projectId: report.projectId,
        name: report.name,
        stage: STAGE.name,
        stageIndex: STAGE.index,
        when: 'on_success',
        startIn: null,
        allowFailure: false,
        scheduling: 'stage',
        attempt: 1,
        kind: 'external',
        resourceGroup: null,
        environment: null,
        userId: report.userId,
        needs: [],
        stored: NOTHING_TO_RUN,
      },
      clock.now(),
    )
    store.externalJobs.supersedeOthers(pipelineId, report.name, id)
    return id
  }
}

function addPipeline({ store, clock, processId }: EngineContext, report: CommitStatusReport): Pipeline['id'] {
  return store.pipelines.add({
    projectId: report.projectId,
    iid: store.projects.nextPipelineIid(report.projectId),
    owner: processId,
    ref: report.ref,
    tag: report.tag,
    sha: report.sha,
    snapshotSha: null,
    beforeSha: ZERO_SHA,
    source: 'external',
    sourceKey: null,
    status: 'created',
    name: null,
    configError: null,
    configSha256: null,
    onJobFailure: 'none',
    onNewCommit: 'conservative',
    parentJobId: null,
    scheduleId: null,
    childConfig: null,
    userId: report.userId,
    triggerId: null,
    createdAt: clock.now(),
    finishedAt: null,
  })
}

const NOTHING_TO_RUN = {
  options: {
    beforeScript: [],
    script: [],
    afterScript: [],
    image: null,
    services: [],
    artifacts: null,
    timeout: null,
    retry: null,
    coverage: null,
    environment: null,
  },
  variables: [],
  tags: [],
  dependencies: null,
  parallel: null,
  allowFailureExitCodes: [],
  interruptible: false,
  resourceGroup: null,
}

/** The statuses on the way, the last one included. */
function stepsTo(from: Status, state: CommitState): Result<readonly Status[], string> {
  if (state === from || (state === 'pending' && from === 'running')) return err(impossible(from, state))
  if (state === 'running' && from === 'created') return ok(['pending', 'running'])
  return state === 'skipped' && from === 'running' ? err(impossible(from, state)) : ok([state])
}

/** The event that GitLab fires for a state. */
const EVENTS: Readonly<Record<CommitState, string>> = {
  pending: 'enqueue',
  running: 'run',
  success: 'success',
  failed: 'drop',
  canceled: 'cancel',
  skipped: 'skip',
}

function impossible(from: Status, state: CommitState): string {
  const event = EVENTS[state]
  return `Cannot transition status via :${event} from :${from} (Reason(s): Status cannot transition via "${event}")`
}

function changesOf(jobId: number, from: Status, steps: readonly Status[]): Change[] {
  return steps.map((to, index) => ({
    jobId,
    from: index === 0 ? from : (steps[index - 1] ?? from),
    to,
    // GitLab: what fails outside fails through the API.
    ...(to === 'failed' ? { failureReason: 'api_failure' as const } : {}),
  }))
}
