import type { Commit } from '../../../model/commit.ts'
import { isoTime } from '../../times.ts'
import { commitEntity } from './commit.ts'

export interface TagFacts {
  readonly name: string
  /** Null for a tag that is only a name. */
  readonly message: string | null
  /** The tag object, or the commit of one that has none. */
  readonly target: string
  readonly commit: Commit
  /** Milliseconds since the epoch; null for a tag that is only a name. */
  readonly createdAt: number | null
  readonly projectUrl: string
}

export function tagEntity(facts: TagFacts) {
  return {
    name: facts.name,
    message: facts.message,
    target: facts.target,
    commit: commitEntity(facts.commit, facts.projectUrl),
    release: null,
    protected: false,
    created_at: isoTime(facts.createdAt),
  }
}
