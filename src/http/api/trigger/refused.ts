import type { Problem } from '../../problems.ts'

/** A trigger request that makes no pipeline: what the caller is told, and what is true. */
export interface Refused {
  readonly problem: Problem
  /** For the record of deliveries. Often more than the caller may know: GitLab answers one 404 for many causes. */
  readonly reason: string
}
