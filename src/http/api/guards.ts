import type { IncomingHttpHeaders } from 'node:http'
import type { Role } from '../../model/user.ts'
import { err } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { hasRole } from '../permissions.ts'
import type { Answer, ProjectVisit } from './route.ts'

type Handler<T> = (visit: ProjectVisit<T>) => Answer | Promise<Answer>

/** The handler for those who have at least this role in the project; others get GitLab's 403. */
export function forRole<T>(options: HttpOptions, least: Role, answer: Handler<T>): Handler<T> {
  return (visit) =>
    hasRole(options.store, visit.user.id, visit.project.id, least)
      ? answer(visit)
      : err({ kind: 'forbidden', reason: null })
}

/** GitLab: a deletion with `If-Unmodified-Since` is refused when the thing is younger. Words that are no date do not count. */
export function changedSince(headers: IncomingHttpHeaders, updatedAt: number): boolean {
  const since = Date.parse(headers['if-unmodified-since'] ?? '')
  return !Number.isNaN(since) && updatedAt > since
}
