import type { IncomingMessage } from 'node:http'
import { err, ok, type Result } from '../../shared/result.ts'

/** The whole body as it was sent. `gone`: the sender went away. What is over the limit is thrown away as it arrives. */
export function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Result<Buffer, 'too_large' | 'gone'>> {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    request.resume()
    return Promise.resolve(err('too_large'))
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) {
        chunks.push(chunk)
        return
      }
      chunks.length = 0
      resolve(err('too_large')) // later chunks find it settled and are dropped
    })
    request.once('end', () => resolve(ok(Buffer.concat(chunks))))
    request.once('close', () => resolve(err('gone')))
    request.once('error', () => resolve(err('gone')))
  })
}
