import { closeSync, openSync, readSync } from 'node:fs'

/** Reads the logs of running jobs by offset, as their files grow. Nothing but the place in the file is kept. */
export interface TraceFollower {
  /** The job runs: calls `onBegin`, once the jobs that have ended before are read to their end. */
  begin(jobId: number): void
  /** There may be more to read of this job. */
  look(jobId: number): void
  /** The job has ended: reads what is left, then calls `onEnd`. */
  end(jobId: number): void
  /** Resolves when every job that has ended is read to its end. */
  idle(): Promise<void>
}

export interface TraceFollowerOptions {
  /** Absolute path of a job's log; it need not exist yet. */
  readonly pathOf: (jobId: number) => string
  readonly onBegin: (jobId: number) => void
  readonly onBytes: (jobId: number, bytes: Uint8Array) => void
  readonly onEnd: (jobId: number) => void
}

interface Followed {
  readonly jobId: number
  descriptor: number | undefined
  offset: number
  ended: boolean
}

/** One job's share of a turn of the event loop: a job that prints flat out does not hold up the others. */
const BYTES_PER_TURN = 256 * 1024

export function followTraces(options: TraceFollowerOptions): TraceFollower {
  const followed = new Map<number, Followed>()
  const waiting = new Set<Followed>()
  /** An announcement may come late; a log that was read to its end is not read again. */
  const done = new Set<number>()
  const buffer = Buffer.allocUnsafe(BYTES_PER_TURN)
  const idlers: (() => void)[] = []
  /** Jobs that have not begun to be shown, and whose end comes before that. */
  const held = new Map<number, readonly Followed[]>()

  function read(job: Followed): number {
    job.descriptor ??= openIfThere(options.pathOf(job.jobId))
    if (job.descriptor === undefined) return 0
    const count = readSync(job.descriptor, buffer, 0, buffer.length, job.offset)
    job.offset += count
    if (count > 0) options.onBytes(job.jobId, buffer.subarray(0, count))
    return count
  }

  function turn(): void {
    for (const job of waiting) {
      if (held.has(job.jobId)) continue
      if (read(job) === BYTES_PER_TURN) continue
      waiting.delete(job)
      if (job.ended) finish(job)
    }
    for (const [jobId, before] of held) {
      if (!before.every((job) => done.has(job.jobId))) continue
      held.delete(jobId)
      options.onBegin(jobId)
    }
    if (waiting.size > 0) setImmediate(turn)
    else for (const resolve of idlers.splice(0)) resolve()
  }

  function finish(job: Followed): void {
    if (job.descriptor !== undefined) closeSync(job.descriptor)
    followed.delete(job.jobId)
    done.add(job.jobId)
    options.onEnd(job.jobId)
  }

  function queue(jobId: number): Followed | undefined {
    if (done.has(jobId)) return undefined
    let job = followed.get(jobId)
    if (!job) followed.set(jobId, (job = { jobId, descriptor: undefined, offset: 0, ended: false }))
    if (waiting.size === 0) setImmediate(turn)
    waiting.add(job)
    return job
  }

  return {
    begin(jobId) {
      const before = [...waiting].filter((job) => job.ended)
      if (before.length === 0) options.onBegin(jobId)
      else held.set(jobId, before)
    },
    look: (jobId) => void queue(jobId),
    end(jobId) {
      const job = queue(jobId)
      if (job) job.ended = true
    },
    idle: () =>
      waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => void idlers.push(resolve)),
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
