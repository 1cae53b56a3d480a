import type { Readable } from 'node:stream'
import type { Job } from '../model/job.ts'
import type { Store } from '../store/store.ts'
import type { StreamedBody } from './reply.ts'

/** A job's log up to what is written by now; a log that grows meanwhile is not followed. */
export function traceBody(
  { traces }: Pick<Store, 'traces'>,
  job: Job,
): StreamedBody & { readonly size: number; readonly slice: (from: number, to: number) => Readable } {
  const path = traces.pathOf(job)
  const size = traces.sizeOf(path)
  return {
    size,
    open: () => traces.read(path, 0, size),
    slice: (from, to) => traces.read(path, from, to),
  }
}
