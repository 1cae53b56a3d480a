import { request, type ClientRequest, type IncomingHttpHeaders } from 'node:http'

export interface StreamEvent {
  readonly id: string
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** One reader of a stream of events. */
export interface Follower {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Resolves with all events so far once this one is among them. */
  until(matches: (event: StreamEvent) => boolean): Promise<readonly StreamEvent[]>
  /** Resolves with all events when the stream has ended. */
  ended(): Promise<readonly StreamEvent[]>
  /** Everything that came, as it came. */
  text(): string
  close(): void
}

export function follow(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Follower> {
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(
      { host: '127.0.0.1', port, path, headers, agent: false },
      (response) => {
        let text = ''
        let over = false
        let look = (): void => {}
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          look()
        })
        response.on('close', () => {
          over = true
          look()
        })
        response.on('error', () => {})
        const waitFor = (done: () => boolean): Promise<readonly StreamEvent[]> =>
          new Promise((found) => {
            const before = look
            look = () => {
              before()
              if (done()) found(eventsOf(text))
            }
            look()
          })
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          until: (matches) => waitFor(() => eventsOf(text).some(matches)),
          ended: () => waitFor(() => over),
          text: () => text,
          close: () => void sent.destroy(),
        })
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

function eventsOf(text: string): StreamEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const [, id, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? []
    if (id === undefined || event === undefined || data === undefined) return []
    return [{ id, event, data: JSON.parse(data) as Record<string, unknown> }]
  })
}
