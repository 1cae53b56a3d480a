/** A commit as the predefined variables and the API show it. */
export interface Commit {
  readonly sha: string
  readonly parents: readonly string[]
  readonly message: string
  readonly authorName: string
  readonly authorEmail: string
  /** ISO 8601 with the author's offset: `2016-12-24T16:51:14+01:00`. */
  readonly authoredAt: string
  readonly committerName: string
  readonly committerEmail: string
  readonly committedAt: string
}

/** GitLab: the title is the first line of the message. */
export function commitTitle(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}
