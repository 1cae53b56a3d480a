import type { ErrorRequestHandler } from 'express'
import { arrivalOf } from './arrival.ts'
import type { HttpOptions } from './options.ts'
import { problemOf, sendProblem } from './problems.ts'

/** The last stop of every exception. A bug leaves a record with its stack; the caller learns no more than GitLab says. */
export function errorHandler(options: Pick<HttpOptions, 'log'>): ErrorRequestHandler {
  // express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    const problem = problemOf(thrown)
    if (problem.kind === 'internal' || problem.kind === 'unavailable') {
      const { requestId } = arrivalOf(request)
      const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
      options.log({
        level: 'error',
        message: 'request failed',
        request_id: requestId,
        method: request.method,
        error: stack,
      })
    }
    if (response.headersSent) response.destroy()
    else sendProblem(request, response, problem)
  }
}
