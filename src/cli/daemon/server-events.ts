import type { IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Failure } from '../failure.ts'
import type { Client } from './client.ts'

/** One message of a stream of events. */
export interface ServerEvent {
  /** `job.finished`; empty for the opening and for heartbeats. */
  readonly event: string
  readonly id: string
  /** The JSON of the message; undefined when there is none. */
  readonly data: unknown
}

/** Milliseconds before a stream that broke off is asked for again, and how often that is tried without a word coming. */
const AGAIN_MS = 1000
const MOST_TRIES = 5

/**
 * Hands every event of a stream to `on`, until that says that it has heard enough or the daemon has no more. A stream that breaks
 * off is taken up where it ended.
 */
export async function followEvents(
  client: Client,
  path: string,
  on: (event: ServerEvent) => boolean | Promise<boolean>,
): Promise<Result<true, Failure>> {
  let lastId = ''
  for (let tries = 0; ;) {
    const headers: Record<string, string> = lastId === '' ? {} : { 'Last-Event-ID': lastId }
    const opened = await client.stream(path, { headers })
    if (!opened.ok && (opened.error.status !== undefined || ++tries >= MOST_TRIES)) return err(opened.error)
    if (opened.ok) {
      // 204: there is nothing more.
      if (opened.value.statusCode === 204) return ok(true)
      try {
        for await (const event of eventsOf(opened.value)) {
          tries = 0
          if (event.id !== '') lastId = event.id
          if (!(await on(event))) return ok(true)
        }
      } catch {
        // Broken off; asked for again below.
      } finally {
        opened.value.destroy()
      }
    }
    await setTimeout(AGAIN_MS)
  }
}

/** WHATWG HTML, 9.2.6, as far as Sluice writes it: every message ends with an empty line. */
export async function* eventsOf(
  stream: IncomingMessage | AsyncIterable<Buffer | string>,
): AsyncGenerator<ServerEvent> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const piece of stream) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece as Buffer, { stream: true })
    const messages = rest.split('\n\n')
    rest = messages.pop() ?? ''
    for (const message of messages) yield eventOf(message)
  }
}

function eventOf(message: string): ServerEvent {
  const fields = new Map(
    message.split('\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const
    }),
  )
  const data = fields.get('data')
  return {
    event: fields.get('event') ?? '',
    id: fields.get('id') ?? '',
    data: data === undefined ? undefined : (JSON.parse(data) as unknown),
  }
}
