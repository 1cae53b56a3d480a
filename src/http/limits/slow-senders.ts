import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import type { Clock } from '../../platform/clock.ts'
import { sendProblem } from '../problems.ts'

/**
 * Ends the connection of a sender whose request is not complete after so many seconds, whatever route it is for; nobody else is
 * affected. The head has a limit of its own in the server.
 */
export function slowSenders(clock: Clock, seconds: number): RequestHandler {
  return (request, response, next) => {
    if (!hasBody(request)) return next()
    const cancel = clock.after(seconds * 1000, () => {
      if (request.complete) return
      if (!response.headersSent) {
        response.setHeader('Connection', 'close')
        sendProblem(request, response, { kind: 'too_slow' })
      }
      // What was answered is handed to the socket first.
      setImmediate(() => request.socket.destroySoon())
    })
    request.once('end', cancel)
    request.once('close', cancel)
    next()
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
