import type { RequestHandler } from 'express'
import { sendProblem } from './problems.ts'

/** What GitLab's front end forgives: a doubled slash (a client whose host ends in one) and a slash at the end. */
export const tidyTarget: RequestHandler = (request, response, next) => {
  if (!request.url.startsWith('/')) {
    sendProblem(request, response, { kind: 'bad_request', reason: null })
    return
  }
  request.url = tidy(request.url)
  next()
}

export function tidy(target: string): string {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark)
  const single = path.replace(/\/{2,}/g, '/')
  return (single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single) + query
}
