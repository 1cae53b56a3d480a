import { setTimeout } from 'node:timers/promises'
import { isCompleted, STATUSES, type Status } from '../model/status.ts'
import type { Colors } from './colors.ts'
import type { Daemon } from './demo-daemon.ts'
import { jobLine, jobPrefix } from './job-lines.ts'
import { traceLines, type TraceLines } from './trace-lines.ts'
import { columnsOf } from './words.ts'

export interface EndedPipeline {
  readonly id: number
  readonly status: Status
  readonly jobs: readonly { readonly name: string; readonly status: Status; readonly trace: string }[]
}

export interface FollowOptions {
  readonly daemon: Daemon
  readonly projectId: number
  readonly pipelineId: number
  readonly out: (text: string) => void
  readonly colors: Colors
}

/** Between two looks at the daemon. */
const LOOK_EVERY_MS = 150

interface SeenJob {
  readonly id: number
  readonly name: string
  readonly status: Status
}

interface FollowedJob {
  readonly lines: TraceLines
  trace: Buffer
  status: Status
}

/** Prints what the jobs of a pipeline print, as the API has it, until the pipeline has ended. */
export async function followPipeline({
  daemon,
  projectId,
  pipelineId,
  out,
  colors,
}: FollowOptions): Promise<EndedPipeline> {
  const base = `/projects/${projectId}`
  const followed = new Map<number, FollowedJob>()

  async function look({ id, name, status }: SeenJob, width: number): Promise<void> {
    const job = followed.get(id) ?? { lines: traceLines(), trace: Buffer.alloc(0), status: 'created' }
    followed.set(id, job)
    if (isCompleted(job.status) || !(status === 'running' || isCompleted(status))) return
    const prefix = jobPrefix(name, width, colors)
    const trace = Buffer.from(await (await daemon.get(`${base}/jobs/${id}/trace`)).arrayBuffer())
    const lines = job.lines.push(trace.subarray(job.trace.length))
    job.trace = trace
    job.status = status
    if (isCompleted(status)) lines.push(...job.lines.end())
    for (const line of lines) out(jobLine(prefix, line, colors).text)
    if (isCompleted(status))
      out(`${prefix}  ${status === 'success' ? colors.green('passed') : colors.red(status)}\n`)
  }

  for (;;) {
    // The pipeline first: when it has ended, the jobs read after it have too.
    const status = readStatus(await (await daemon.get(`${base}/pipelines/${pipelineId}`)).json())
    const jobs = readJobs(await (await daemon.get(`${base}/pipelines/${pipelineId}/jobs`)).json()).toSorted(
      (a, b) => a.id - b.id,
    )
    const width = Math.max(0, ...jobs.map(({ name }) => columnsOf(name)))
    for (const job of jobs) await look(job, width)
    if (isCompleted(status) || status === 'manual') {
      return {
        id: pipelineId,
        status,
        jobs: jobs.map((job) => ({ ...job, trace: followed.get(job.id)?.trace.toString() ?? '' })),
      }
    }
    await setTimeout(LOOK_EVERY_MS)
  }
}

function readStatus(answer: unknown): Status {
  const status = STATUSES.find((word) => word === field(answer, 'status'))
  if (!status) throw new Error(`the API answered without a status: ${JSON.stringify(answer)}`)
  return status
}

function readJobs(answer: unknown): SeenJob[] {
  if (!Array.isArray(answer)) throw new Error(`the API answered without jobs: ${JSON.stringify(answer)}`)
  return answer.map((job: unknown) => ({
    id: Number(field(job, 'id')),
    name: String(field(job, 'name')),
    status: readStatus(job),
  }))
}

function field(answer: unknown, key: string): unknown {
  return typeof answer === 'object' && answer !== null
    ? Object.entries(answer).find(([name]) => name === key)?.[1]
    : undefined
}
