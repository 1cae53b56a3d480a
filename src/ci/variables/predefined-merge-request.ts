import { commitTitle } from '../../model/commit.ts'
import type { MergeRequest } from '../../model/merge-request.ts'
import { variable, type Variable } from '../../model/variable.ts'
import { commitDescription } from './predefined-commit.ts'

export interface MergeRequestFacts {
  readonly mergeRequest: MergeRequest
  readonly sourceBranch: string
  /** What the rules see as the commit: the tip of the source branch. */
  readonly sha: string
  readonly commitMessage: string
  readonly project: { readonly id: number; readonly name: string; readonly defaultBranch: string }
  /** External address without a trailing slash. */
  readonly serverUrl: string
}

/** GitLab: `Gitlab::Regex.merge_request_draft`. */
const DRAFT = /^(?:\[draft\]|\(draft\)|draft:)/i

/** GitLab: `MAX_DESCRIPTION_LENGTH` of the variable. */
const LONGEST_DESCRIPTION = 2700

/**
 * Variables of a merge request inside one project, as it would be opened for this commit: title and description are those of the commit,
 * nobody is assigned. `_LABELS`, `_MILESTONE`, `_ASSIGNEES` and `_APPROVED` exist on GitLab only where there is something to say.
 */
export function mergeRequestVariables(facts: MergeRequestFacts): Variable[] {
  const { mergeRequest, project, sourceBranch } = facts
  const { iid, targetBranch, diffBaseSha } = mergeRequest
  const url = `${facts.serverUrl}/${project.name}`
  const title = commitTitle(facts.commitMessage)
  const description = commitDescription(facts.commitMessage).trim()
  const isProtected = (branch: string): string => String(branch === project.defaultBranch)
  return Object.entries({
    CI_OPEN_MERGE_REQUESTS: `${project.name}!${iid}`,
    CI_MERGE_REQUEST_ID: String(iid),
    CI_MERGE_REQUEST_IID: String(iid),
    CI_MERGE_REQUEST_REF_PATH: `refs/merge-requests/${iid}/head`,
    CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
    CI_MERGE_REQUEST_PROJECT_ID: String(project.id),
    CI_MERGE_REQUEST_PROJECT_PATH: project.name,
    CI_MERGE_REQUEST_PROJECT_URL: url,
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: String(project.id),
    CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: project.name,
    CI_MERGE_REQUEST_SOURCE_PROJECT_URL: url,
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: sourceBranch,
    CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED: isProtected(sourceBranch),
    // GitLab fills the two in merged results pipelines only.
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '',
    CI_MERGE_REQUEST_TARGET_BRANCH_SHA: '',
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: targetBranch,
    CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED: isProtected(targetBranch),
    CI_MERGE_REQUEST_DIFF_ID: '1',
    ...(diffBaseSha === null ? {} : { CI_MERGE_REQUEST_DIFF_BASE_SHA: diffBaseSha }),
    CI_MERGE_REQUEST_TITLE: title,
    CI_MERGE_REQUEST_DESCRIPTION: description.slice(0, LONGEST_DESCRIPTION),
    CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED: String(description.length > LONGEST_DESCRIPTION),
    CI_MERGE_REQUEST_DRAFT: String(DRAFT.test(title)),
    CI_MERGE_REQUEST_SQUASH_ON_MERGE: 'false',
  }).map(([key, value]) => variable(key, value, 'predefined'))
}
