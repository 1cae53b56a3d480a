import type { Commit } from '../../../model/commit.ts'
import { commitEntity } from './commit.ts'

export interface BranchFacts {
  readonly name: string
  readonly commit: Commit
  /** The default branch has its commits; never true of itself. */
  readonly merged: boolean
  readonly isDefault: boolean
  /** GitLab protects the default branch; nobody below maintainer pushes to it. */
  readonly mayPush: boolean
  readonly projectUrl: string
}

export function branchEntity(facts: BranchFacts) {
  return {
    name: facts.name,
    commit: commitEntity(facts.commit, facts.projectUrl),
    merged: facts.merged,
    protected: facts.isDefault,
    developers_can_push: false,
    developers_can_merge: false,
    can_push: facts.mayPush,
    default: facts.isDefault,
    web_url: `${facts.projectUrl}/-/tree/${facts.name}`,
  }
}
