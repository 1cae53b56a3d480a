import { Readable } from 'node:stream'
import type { PipelineEvents } from '../../model/events.ts'
import type { Clock } from '../../platform/clock.ts'
import { HEARTBEAT } from './event-text.ts'
import type { Source } from './source.ts'

/** The open streams of a server. */
export interface Streams {
  /** Undefined when there are as many as may be. */
  open(source: Source): Readable | undefined
  readonly size: number
  /** Ends all of them: the server stops. */
  endAll(): void
}

/** Proxies give up on a silent connection after 30 to 60 seconds. */
const HEARTBEAT_MS = 15_000
/** What happens in one millisecond is told after it. */
const SOON_MS = 2
/** Bytes that wait for a slow reader, and no more: the source is asked again when they are gone. */
const WAITING_BYTES = 64 * 1024

export function openStreams(
  { clock, events }: { readonly clock: Clock; readonly events: PipelineEvents },
  most: number,
): Streams {
  const open = new Set<Readable>()
  return {
    open(source) {
      if (open.size >= most) return undefined
      const stream = pulled(source, clock, events)
      open.add(stream)
      stream.once('close', () => open.delete(stream))
      return stream
    },
    get size() {
      return open.size
    },
    endAll() {
      for (const stream of open) stream.push(null)
    },
  }
}

/** A stream that asks its source when its reader has room, when something was announced, and at every heartbeat. */
function pulled(source: Source, clock: Clock, events: PipelineEvents): Readable {
  let busy = false
  let again = false
  let wanted = false
  let cancelBeat = (): void => {}
  let cancelSoon = (): void => {}
  let soon = false

  async function pump(): Promise<void> {
    if (busy) {
      again = true
      return
    }
    busy = true
    try {
      while (wanted && !stream.destroyed) {
        again = false
        const text = await source.next()
        if (text) wanted = stream.push(text)
        if (source.ended()) stream.push(null)
        if (!text && !again) break
      }
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
    } finally {
      busy = false
    }
  }

  /** Now, and once more when the millisecond of the announcement is over. */
  function wake(): void {
    void pump()
    if (soon) return
    soon = true
    cancelSoon = clock.after(SOON_MS, () => {
      soon = false
      void pump()
    })
  }

  function beat(): void {
    cancelBeat = clock.after(HEARTBEAT_MS, () => {
      if (wanted && !stream.readableEnded) wanted = stream.push(HEARTBEAT)
      source.lookAgain()
      void pump()
      beat()
    })
  }

  const unsubscribe = events.on((event) => {
    if (source.concerns(event)) wake()
  })
  const stream = new Readable({
    highWaterMark: WAITING_BYTES,
    encoding: 'utf8',
    read() {
      wanted = true
      void pump()
    },
    destroy(error, done) {
      unsubscribe()
      cancelBeat()
      cancelSoon()
      done(error)
    },
  })
  beat()
  wake()
  return stream
}
