import { isCompleted, STATUSES, type Status } from '../../model/status.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Client } from '../daemon/client.ts'
import { field } from '../daemon/command.ts'
import { followEvents } from '../daemon/server-events.ts'
import { EXIT } from '../exit-code.ts'
import { failure, type Failure } from '../failure.ts'

/** A pipeline as a daemon has it. */
export interface RemotePipeline {
  /** As the API answers them. */
  readonly pipeline: unknown
  /** With scripts and bridges alike, the latest attempt of each, in the order of the pipeline. */
  readonly jobs: readonly unknown[]
}

/** In one of these a job moves on without a person. */
const MOVING: readonly Status[] = [
  'pending',
  'preparing',
  'running',
  'canceling',
  'waiting_for_resource',
  'waiting_for_callback',
  'scheduled',
]

export async function readPipeline(
  client: Client,
  base: string,
  id: number | string,
): Promise<Result<RemotePipeline, Failure>> {
  const path = `${base}/pipelines/${id}`
  const pipeline = await client.call(path)
  if (!pipeline.ok) return pipeline
  const jobs = await readJobs(client, path)
  return jobs.ok ? ok({ pipeline: pipeline.value.body, jobs: jobs.value }) : jobs
}

async function readJobs(client: Client, path: string): Promise<Result<readonly unknown[], Failure>> {
  // Earlier attempts tell where a stage stands: the latest one of a job may have the highest number of all.
  const query = { include_retried: true }
  const jobs = await client.list(`${path}/jobs`, query)
  const bridges = await client.list(`${path}/bridges`, query)
  if (!jobs.ok) return jobs
  if (!bridges.ok) return bridges
  return ok(inOrder([...jobs.value, ...bridges.value]))
}

/** The latest attempt of each job, where its first one stood. */
export function inOrder(attempts: readonly unknown[]): readonly unknown[] {
  const byId = attempts.toSorted((a, b) => Number(field(a, 'id')) - Number(field(b, 'id')))
  const stages = [...new Set(byId.map((job) => field(job, 'stage')))]
  const latest = new Map(byId.map((job) => [field(job, 'name'), job]))
  return [...latest.values()].toSorted(
    (a, b) => stages.indexOf(field(a, 'stage')) - stages.indexOf(field(b, 'stage')),
  )
}

export function statusOf(entity: unknown): Status {
  const found = STATUSES.find((word) => word === field(entity, 'status'))
  if (!found) throw new Error(`the daemon answered without a status: ${JSON.stringify(entity)}`)
  return found
}

/** Whether nothing more happens without a person: completed, or blocked by manual jobs only. */
export function isSettled({ pipeline, jobs }: RemotePipeline): boolean {
  const status = statusOf(pipeline)
  if (isCompleted(status)) return true
  return status === 'manual' && !jobs.some((job) => MOVING.includes(statusOf(job)))
}

/** Waits for that; `onChange` sees the pipeline each time that something has happened. */
export async function untilSettled(
  client: Client,
  base: string,
  id: number | string,
  onChange: (pipeline: RemotePipeline) => void = () => undefined,
): Promise<Result<RemotePipeline, Failure>> {
  let seen: Result<RemotePipeline, Failure> | undefined
  // Every event, and every heartbeat, is a reason to look; none is believed.
  const followed = await followEvents(client, `${base}/pipelines/${id}/events/stream`, async () => {
    seen = await readPipeline(client, base, id)
    if (!seen.ok) return false
    onChange(seen.value)
    return !isSettled(seen.value)
  })
  if (!followed.ok) return followed
  return seen ?? err(failure(EXIT.refused, 'daemon.silent', `the daemon says nothing of pipeline ${id}`))
}
