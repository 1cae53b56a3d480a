import type { PipelineSource } from '../../../src/model/source.ts'
import type { Status } from '../../../src/model/status.ts'
import type { Store } from '../../../src/store/store.ts'

export const SHA = '384c444e840a515b23f21915ee5766b87068a70d'
export const CREATED_AT = Date.UTC(2016, 10, 4, 9, 36, 13, 747)

interface PipelineRow {
  readonly projectId?: number
  readonly ref?: string
  readonly tag?: boolean
  readonly sha?: string
  readonly source?: PipelineSource
  readonly status?: Status
  readonly name?: string | null
  readonly configError?: string | null
  readonly userId?: number | null
  readonly triggerId?: number | null
  readonly parentJobId?: number | null
  readonly createdAt?: number
}

export function addPipeline(store: Store, row: PipelineRow = {}): number {
  const projectId = row.projectId ?? 9
  return store.pipelines.add({
    ref: 'main',
    tag: false,
    sha: SHA,
    source: 'trigger',
    status: 'created',
    name: null,
    configError: null,
    userId: 1,
    triggerId: null,
    createdAt: CREATED_AT,
    ...row,
    projectId,
    iid: store.projects.nextPipelineIid(projectId),
    owner: 1,
    snapshotSha: null,
    beforeSha: '0'.repeat(40),
    sourceKey: null,
    configSha256: null,
    onJobFailure: 'none',
    onNewCommit: 'conservative',
    parentJobId: row.parentJobId ?? null,
    scheduleId: null,
    childConfig: null,
    finishedAt: null,
  })
}

interface JobRow {
  readonly pipelineId: number
  readonly projectId?: number
  readonly name?: string
  readonly stage?: string
  readonly stageIndex?: number
  readonly allowFailure?: boolean
  readonly attempt?: number
  readonly tags?: readonly string[]
  readonly now?: number
}

export function addJob(store: Store, row: JobRow): number {
  return store.jobs.add(
    {
      pipelineId: row.pipelineId,
      projectId: row.projectId ?? 9,
      name: row.name ?? 'run_tests',
      stage: row.stage ?? 'test',
      stageIndex: row.stageIndex ?? 1,
      when: 'on_success',
      startIn: null,
      allowFailure: row.allowFailure ?? false,
      scheduling: 'stage',
      attempt: row.attempt ?? 1,
      kind: 'build',
      resourceGroup: null,
      environment: null,
      userId: null,
      needs: [],
      stored: {
        options: {
          beforeScript: [],
          script: ['make test'],
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
        tags: row.tags ?? [],
        dependencies: null,
        parallel: null,
        allowFailureExitCodes: [],
        interruptible: false,
        resourceGroup: null,
      },
    },
    row.now ?? CREATED_AT,
  )
}

/** Walks a job through pending and running to its end, at these times. */
export function runJob(
  store: Store,
  id: number,
  to: 'running' | 'success' | 'failed' | 'canceled',
  times: { readonly queued: number; readonly started: number; readonly finished?: number },
): void {
  store.jobs.setStatus({ id, from: 'created', to: 'pending', now: times.queued })
  store.jobs.setStatus({ id, from: 'pending', to: 'running', now: times.started })
  if (to === 'running') return
  const failure = to === 'failed' ? ({ failureReason: 'script_failure', exitCode: 2 } as const) : {}
  store.jobs.setStatus({ id, from: 'running', to, now: times.finished ?? times.started, ...failure })
}
