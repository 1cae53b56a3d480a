import { commitTitle, type Commit } from '../../../model/commit.ts'

export function commitEntity(commit: Commit, projectUrl: string) {
  return {
    id: commit.sha,
    short_id: commit.sha.slice(0, 8),
    created_at: withMilliseconds(commit.committedAt),
    parent_ids: commit.parents,
    title: commitTitle(commit.message),
    message: commit.message,
    author_name: commit.authorName,
    author_email: commit.authorEmail,
    authored_date: withMilliseconds(commit.authoredAt),
    committer_name: commit.committerName,
    committer_email: commit.committerEmail,
    committed_date: withMilliseconds(commit.committedAt),
    trailers: {},
    extended_trailers: {},
    web_url: `${projectUrl}/-/commit/${commit.sha}`,
  }
}

/** GitLab keeps the offset of a commit's times: `2016-12-24T16:51:14.000+01:00`. */
function withMilliseconds(time: string): string {
  return time.replace(/(:\d\d)(?=[+-]\d\d:\d\d$|Z$)/, '$1.000').replace(/Z$/, '+00:00')
}
