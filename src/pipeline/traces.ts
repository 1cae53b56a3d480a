import type { TraceWriter } from '../model/coordinator.ts'
import type { PipelineEvent } from '../model/events.ts'
import type { Clock } from '../platform/clock.ts'
import { isDiskFull } from '../store/database.ts'
import type { Store } from '../store/store.ts'
import type { Room } from './room.ts'

/** GitLab pushes a running log about this often; more would only repeat "look again". */
const ANNOUNCE_EVERY_MS = 100

/** What a full disk takes from a log that is larger than the first, for the rows that tell of the end of jobs. */
const LARGE_BYTES = 1024 * 1024
const GIVEN_BACK_BYTES = 256 * 1024
const CUT_OFF =
  '\n\u001b[31;1mERROR: there is no room left on the disk; the rest of this log is missing\u001b[0;m\n'

/** Opens the trace of a job for its runner, the only writer. Growth is announced at most ten times a second, and at the end. */
export function openTraceWriter(
  context: {
    readonly store: Store
    readonly clock: Clock
    readonly room: Room
    announce(events: readonly PipelineEvent[]): void
  },
  job: { readonly id: number; readonly pipelineId: number; readonly createdAt: number },
): TraceWriter {
  const { store, clock, room, announce } = context
  const path = store.traces.pathOf(job)
  const file = store.traces.append(path)
  let cancel: (() => void) | undefined

  function tell(): void {
    cancel = undefined
    announce([{ type: 'trace', pipelineId: job.pipelineId, jobId: job.id, size: file.size() }])
  }

  /** A log that has filled the disk gives some of it back: otherwise nobody could record that its job has failed. */
  async function giveBack(): Promise<void> {
    if (file.size() < LARGE_BYTES) return
    file.shorten(GIVEN_BACK_BYTES)
    await file.write(Buffer.from(CUT_OFF))
  }

  return {
    path,
    async write(bytes) {
      try {
        await file.write(bytes)
      } catch (error) {
        // Another log may have taken what was given back.
        if (isDiskFull(error)) await giveBack().catch(() => {})
        throw error
      }
      cancel ??= clock.after(ANNOUNCE_EVERY_MS, tell)
    },
    async close() {
      cancel?.()
      await file.close()
      await room.make(`the log of job ${job.id}`, () => store.jobs.setTraceSize(job.id, file.size()))
      tell()
    },
  }
}
