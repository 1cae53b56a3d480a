import { createHash } from 'node:crypto'
import type { GitRepository } from './git.ts'

/** The repository with one file replaced, in every commit. */
export function withFile(repository: GitRepository, path: string, content: string | Buffer): GitRepository {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const blobId = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
  return {
    ...repository,
    readFile: (sha, wanted) =>
      wanted === path ? Promise.resolve({ blobId, bytes }) : repository.readFile(sha, wanted),
  }
}
