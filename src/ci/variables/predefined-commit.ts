import { commitTitle, type Commit } from '../../model/commit.ts'
import { variable, type Variable } from '../../model/variable.ts'
import { slugify } from '../../shared/slug.ts'

export interface CommitFacts {
  readonly commit: Commit
  /** What the rules see as the commit; the files may be those of a snapshot. */
  readonly sha: string
  /** 40 zeros where GitLab knows no earlier tip. */
  readonly beforeSha: string
  readonly ref: string
  readonly tag: boolean
  readonly tagMessage: string | null
  readonly refProtected: boolean
  /** The pipeline is one of a merge request: `ref` is its source branch. */
  readonly mergeRequest?: boolean
}

/** Variables of commit and ref. `CI_COMMIT_BRANCH` exists on branches only and not for a merge request, `CI_COMMIT_TAG` on tags only. */
export function commitVariables(facts: CommitFacts): Variable[] {
  const { commit } = facts
  return Object.entries({
    CI_COMMIT_SHA: facts.sha,
    CI_COMMIT_SHORT_SHA: facts.sha.slice(0, 8),
    CI_COMMIT_BEFORE_SHA: facts.beforeSha,
    CI_COMMIT_REF_NAME: facts.ref,
    CI_COMMIT_REF_SLUG: slugify(facts.ref),
    ...refKindOf(facts),
    CI_COMMIT_REF_PROTECTED: String(facts.refProtected),
    CI_COMMIT_MESSAGE: commit.message,
    CI_COMMIT_TITLE: commitTitle(commit.message),
    CI_COMMIT_DESCRIPTION: commitDescription(commit.message),
    CI_COMMIT_AUTHOR: `${commit.authorName} <${commit.authorEmail}>`,
    CI_COMMIT_TIMESTAMP: commit.committedAt,
  }).map(([key, value]) => variable(key, value, 'predefined'))
}

function refKindOf({ ref, tag, tagMessage, mergeRequest }: CommitFacts): Readonly<Record<string, string>> {
  if (tag) return { CI_COMMIT_TAG: ref, CI_COMMIT_TAG_MESSAGE: tagMessage ?? '' }
  return mergeRequest === true ? {} : { CI_COMMIT_BRANCH: ref }
}

/**
 * GitLab: what follows the first line, one line feed at the end removed; the whole message when that line has
 * 100 characters or more.
 */
export function commitDescription(message: string): string {
  const title = commitTitle(message)
  return title.length >= 100 ? message : message.slice(title.length + 1).replace(/\n$/, '')
}
