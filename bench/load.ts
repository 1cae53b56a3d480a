import { connect, type Socket } from 'node:net'

/** What a load of requests came to. */
export interface Load {
  /** Milliseconds of each answer. */
  readonly times: readonly number[]
  /** Milliseconds from the first request to the last answer. */
  readonly took: number
  /** How many answers each status had. */
  readonly statuses: Readonly<Record<string, number>>
  /** Connections that were closed before their answer. */
  readonly lost: number
}

/**
 * Sends one and the same request `count` times over so many connections that are kept open, each sending its next when it has
 * its answer. Answers must have a `Content-Length`. Plain sockets, so that the client costs little beside the server.
 */
export async function load(
  port: number,
  request: Buffer | ((n: number) => Buffer),
  { connections, count }: { readonly connections: number; readonly count: number },
  heard: (body: string) => void = () => {},
): Promise<Load> {
  const times: number[] = []
  const statuses: Record<string, number> = {}
  let sent = 0
  let lost = 0
  const start = performance.now()

  function work(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      let text = ''
      let begun = 0
      const next = (): void => {
        if (sent >= count) return void socket.end()
        const bytes = typeof request === 'function' ? request(sent) : request
        sent++
        begun = performance.now()
        socket.write(bytes)
      }
      socket.setEncoding('latin1')
      socket.on('data', (part: string) => {
        text += part
        const head = text.indexOf('\r\n\r\n')
        if (head < 0) return
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
        if (text.length < head + 4 + length) return
        times.push(performance.now() - begun)
        const status = text.slice(9, 12)
        statuses[status] = (statuses[status] ?? 0) + 1
        heard(text.slice(head + 4))
        text = ''
        begun = 0
        next()
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (begun !== 0) lost++
        resolve()
      })
      socket.on('connect', next)
    })
  }

  await Promise.all(
    Array.from({ length: connections }, () => work(connect(port, '127.0.0.1').setNoDelay(true))),
  )
  return { times, took: performance.now() - start, statuses, lost }
}

/** A form that is POSTed, as the bytes of a request. */
export function formRequest(path: string, fields: Readonly<Record<string, string>>): Buffer {
  const body = new URLSearchParams(fields).toString()
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}
