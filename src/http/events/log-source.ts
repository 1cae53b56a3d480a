import type { Job } from '../../model/job.ts'
import { isCompleted } from '../../model/status.ts'
import type { Store } from '../../store/store.ts'
import { eventText, openingText } from './event-text.ts'
import { jobFinishedRecord, startedRecord } from './records.ts'
import type { Source } from './source.ts'

/** Bytes of the log that are read at a time. */
const CHUNK = 64 * 1024

/**
 * One job: `job.started`, its log in pieces (`job.log`), `job.finished`. The id of an event is the offset in the log from which
 * a reader goes on, with `-end` once the job has been told to its end.
 */
export function logSource(store: Store, job: Job, from: number): Source {
  const path = store.traces.pathOf(job)
  let offset = from
  let opened = false
  let told = { started: from > 0, finished: false }

  async function nextPiece(current: Job, over: boolean): Promise<string | undefined> {
    const size = store.traces.sizeOf(path)
    // An erased log is shorter than what was read of it.
    if (offset > size) offset = size
    if (offset === size) return undefined
    const bytes = await bytesOf(store, path, offset, Math.min(size, offset + CHUNK))
    const whole = over && offset + bytes.length >= size ? bytes.length : completeLength(bytes)
    if (whole === 0) return undefined
    const start = offset
    offset += whole
    const text = bytes.subarray(0, whole).toString('utf8')
    return eventText({
      id: String(offset),
      event: 'job.log',
      data: { type: 'job.log', schema: 1, job_id: current.id, offset: start, size: whole, text },
    })
  }

  return {
    async next() {
      if (!opened) {
        opened = true
        return openingText(String(offset))
      }
      const current = store.jobs.find(job.id)
      if (!current) return end()
      if (!told.started && current.startedAt !== null) {
        told = { ...told, started: true }
        return eventText({ id: String(offset), event: 'job.started', data: startedRecord(current) })
      }
      const over = isCompleted(current.status)
      const piece = await nextPiece(current, over)
      if (piece !== undefined || !over) return piece
      end()
      return eventText({ id: `${offset}-end`, event: 'job.finished', data: jobFinishedRecord(current) })
    },
    ended: () => told.finished,
    concerns: (event) => event.type !== 'pipeline' && event.jobId === job.id,
    lookAgain: () => {},
  }

  function end(): undefined {
    told = { ...told, finished: true }
  }
}

async function bytesOf(store: Store, path: string, from: number, to: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of store.traces.read(path, from, to)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Without a character that is cut off at the end; bytes that are no UTF-8 do not wait. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needs > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Where a reader of a log goes on. `end`: it has been told everything. */
export function offsetOf(text: string | undefined): number | 'end' | undefined {
  const [, digits, end] = /^(\d{1,15})(-end)?$/.exec(text ?? '') ?? []
  if (digits === undefined) return undefined
  return end === undefined ? Number(digits) : 'end'
}
