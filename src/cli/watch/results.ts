import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { App } from '../../app.ts'
import type { Job } from '../../model/job.ts'
import { isCompleted } from '../../model/status.ts'
import type { Colors } from '../colors.ts'
import { jobLine, jobPrefix } from '../job-lines.ts'
import { latestJobs } from '../../pipeline/event-records.ts'
import { traceLines } from '../trace-lines.ts'
import { columnsOf } from '../words.ts'

/** How each job ended when it last ran to its end. */
export interface Results {
  /** Takes over what a pipeline has come to; a job that was canceled or skipped keeps what it was. */
  take(app: App, pipelineId: number): void
  /** Jobs whose last end was a failure, of those that are in the pipeline still. */
  failing(names: ReadonlySet<string>): string[]
  /** The ends of the logs of these jobs. */
  tails(app: App, names: readonly string[], colors: Colors): string
}

export function makeResults(): Results {
  const last = new Map<string, Job>()
  return {
    take(app, pipelineId) {
      for (const job of latestJobs(app.store, pipelineId)) {
        if (isCompleted(job.status) && job.status !== 'canceled' && job.status !== 'skipped')
          last.set(job.name, job)
      }
    },
    failing: (names) =>
      [...last.values()]
        .filter((job) => job.status === 'failed' && !job.allowFailure && names.has(job.name))
        .map(({ name }) => name),
    tails(app, names, colors) {
      const width = Math.max(0, ...names.map(columnsOf))
      return names
        .flatMap((name) => last.get(name) ?? [])
        .map((job) => {
          const prefix = jobPrefix(job.name, width, colors)
          const how = job.exitCode === null ? (job.failureReason ?? '') : `exit ${job.exitCode}`
          const head = `${colors.red('FAIL')} ${job.name}  ${how}  still, since pipeline ${job.pipelineId}\n`
          return head + tailOf(app.store.traces.pathOf(job), prefix, colors)
        })
        .join('')
    },
  }
}

/** Lines of a failed job that are shown again. */
const TAIL_LINES = 10
const TAIL_BYTES = 64 * 1024

function tailOf(path: string, prefix: string, colors: Colors): string {
  const parser = traceLines()
  const lines = [...parser.push(lastBytes(path)), ...parser.end()].filter(({ kind }) => kind === 'output')
  return lines
    .slice(-TAIL_LINES)
    .map((line) => jobLine(prefix, line, colors).text)
    .join('')
}

function lastBytes(path: string): Buffer {
  let file
  try {
    file = openSync(path, 'r')
  } catch {
    return Buffer.alloc(0) // pruned meanwhile
  }
  try {
    const { size } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, size - bytes.length))
  } finally {
    closeSync(file)
  }
}
