import { describe, expect, it } from 'vitest'
import {
  mergeRequestVariables,
  type MergeRequestFacts,
} from '../../../src/ci/variables/predefined-merge-request.ts'

const facts: MergeRequestFacts = {
  mergeRequest: { iid: 1, targetBranch: 'main', targetSha: 'b'.repeat(40), diffBaseSha: 'c'.repeat(40) },
  sourceBranch: 'feature/x',
  sha: 'a'.repeat(40),
  commitMessage: 'Add a page\n\nIt shows all.\n',
  project: { id: 7, name: 'group/sub/app', defaultBranch: 'main' },
  serverUrl: 'https://gitlab.example.com',
}
const values = (some: Partial<MergeRequestFacts> = {}): Record<string, string> =>
  Object.fromEntries(mergeRequestVariables({ ...facts, ...some }).map(({ key, value }) => [key, value]))

it('describes a merge request inside one project', () => {
  expect(values()).toEqual({
    CI_OPEN_MERGE_REQUESTS: 'group/sub/app!1',
    CI_MERGE_REQUEST_ID: '1',
    CI_MERGE_REQUEST_IID: '1',
    CI_MERGE_REQUEST_REF_PATH: 'refs/merge-requests/1/head',
    CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
    CI_MERGE_REQUEST_PROJECT_ID: '7',
    CI_MERGE_REQUEST_PROJECT_PATH: 'group/sub/app',
    CI_MERGE_REQUEST_PROJECT_URL: 'https://gitlab.example.com/group/sub/app',
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '7',
    CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'group/sub/app',
    CI_MERGE_REQUEST_SOURCE_PROJECT_URL: 'https://gitlab.example.com/group/sub/app',
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature/x',
    CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED: 'false',
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '',
    CI_MERGE_REQUEST_TARGET_BRANCH_SHA: '',
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED: 'true',
    CI_MERGE_REQUEST_DIFF_ID: '1',
    CI_MERGE_REQUEST_DIFF_BASE_SHA: 'c'.repeat(40),
    CI_MERGE_REQUEST_TITLE: 'Add a page',
    CI_MERGE_REQUEST_DESCRIPTION: 'It shows all.',
    CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED: 'false',
    CI_MERGE_REQUEST_DRAFT: 'false',
    CI_MERGE_REQUEST_SQUASH_ON_MERGE: 'false',
  })
})

it('leaves out what no branch here says', () => {
  const unknown = values({ mergeRequest: { ...facts.mergeRequest, targetSha: null, diffBaseSha: null } })
  expect(unknown).not.toHaveProperty('CI_MERGE_REQUEST_DIFF_BASE_SHA')
  expect(unknown['CI_MERGE_REQUEST_TARGET_BRANCH_NAME']).toBe('main')
})

describe('a draft', () => {
  it.each([
    ['Draft: page', 'true'],
    ['draft: page', 'true'],
    ['[Draft] page', 'true'],
    ['(draft) page', 'true'],
    ['Drafts of a page', 'false'],
    ['Add Draft: page', 'false'],
  ])('%s', (title, draft) => {
    expect(values({ commitMessage: title })['CI_MERGE_REQUEST_DRAFT']).toBe(draft)
  })
})

it('cuts a long description as GitLab does', () => {
  const long = values({ commitMessage: `Title\n\n${'x'.repeat(2701)}` })
  expect(long['CI_MERGE_REQUEST_DESCRIPTION']).toHaveLength(2700)
  expect(long['CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED']).toBe('true')
})
