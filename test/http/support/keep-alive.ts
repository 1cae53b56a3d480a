import { Agent, request } from 'node:http'
import type { Received, Sent } from './request.ts'

/** Sends many requests over a few connections that stay open, as a client under load does. */
export interface KeepAlive {
  /** Rejects when there is no answer after 20 seconds. A stream of events is left as soon as it has begun. */
  send(path: string, sent?: Sent): Promise<Received>
  /** Sends all, a few at a time, and hands each answer on. */
  sendAll<T extends { readonly path: string; readonly sent: Sent }>(
    requests: readonly T[],
    heard: (received: Received, request: T) => void,
  ): Promise<void>
  close(): void
}

export function keepAlive(port: number, connections: number): KeepAlive {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })

  const send: KeepAlive['send'] = (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
      const options = { host: '127.0.0.1', port, path, method, headers: { ...length, ...headers }, agent }
      const sent = request({ ...options, timeout: 20_000 }, (response) => {
        const chunks: Buffer[] = []
        const end = (): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          })
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', end)
        response.on('error', reject)
        if (
          response.headers['content-type']?.startsWith('text/event-stream') &&
          response.statusCode === 200
        ) {
          end()
          response.destroy()
        }
      })
      sent.on('timeout', () => sent.destroy(new Error(`no answer: ${method} ${path}`)))
      sent.on('error', reject)
      sent.end(body)
    })

  return {
    send,
    async sendAll(requests, heard) {
      let next = 0
      const work = async (): Promise<void> => {
        for (let one = requests[next++]; one; one = requests[next++])
          heard(await send(one.path, one.sent), one)
      }
      await Promise.all(Array.from({ length: connections }, work))
    },
    close: () => agent.destroy(),
  }
}
