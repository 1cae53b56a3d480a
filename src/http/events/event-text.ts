/** One message of a stream of events (WHATWG HTML, 9.2). `data` is one line: JSON. */
export function eventText(message: {
  readonly id: string
  readonly event: string
  readonly data: unknown
}): string {
  return `id: ${message.id}\nevent: ${message.event}\ndata: ${JSON.stringify(message.data)}\n\n`
}

/** Milliseconds after which a reader that lost its connection comes back. */
const RETRY_MS = 2000

/** What a stream begins with: the place to go on from should the connection break before anything happens. */
export function openingText(id: string): string {
  return `retry: ${RETRY_MS}\nid: ${id}\n\n`
}

/** Nothing happened; proxies and readers see that the connection lives. */
export const HEARTBEAT = ': heartbeat\n\n'
