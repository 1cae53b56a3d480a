import type { GitRepository } from '../platform/git.ts'

/** GitLab's Chain::Skip. */
const SKIP = /\[(ci[ _-]skip|skip[ _-]ci)\]/i

/** Whether the commit's message asks that a push of it runs nothing. */
export async function skipsCi(repository: GitRepository, sha: string): Promise<boolean> {
  const commit = await repository.commit(sha)
  return commit !== undefined && SKIP.test(commit.message)
}
