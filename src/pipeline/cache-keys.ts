import { createHash } from 'node:crypto'
import { matchingPaths } from '../ci/include/wildcard.ts'
import type { CacheKeyPlan, CachePlan } from '../model/keyword-plans.ts'
import type { JobPlan } from '../model/plan.ts'
import type { GitRepository } from '../platform/git.ts'
import { lastCommitOf } from '../platform/last-commit.ts'

/** Where the files of `cache:key:files` are looked at, and the history of `files_commits`. */
export interface KeyedAt {
  readonly repository: GitRepository
  readonly treeSha: string
}

/**
 * Jobs whose cache keys are made from files, with keys that are texts. GitLab does so when it makes the pipeline
 * (`Seed::Build::Cache`): every job, and every retry, has the same key.
 */
export async function withCacheKeys(jobs: readonly JobPlan[], at: KeyedAt): Promise<readonly JobPlan[]> {
  if (!jobs.some(({ options }) => options.cache?.some(({ key }) => key.kind !== 'text'))) return jobs
  const known = new Map<string, Promise<string>>()
  const digest = (key: Extract<CacheKeyPlan, { files: readonly string[] }>): Promise<string> => {
    const name = JSON.stringify([key.kind, key.files])
    let text = known.get(name)
    if (!text) known.set(name, (text = digestOf(key.kind, key.files, at)))
    return text
  }
  const withKey = async (cache: CachePlan, index: number): Promise<CachePlan> => {
    const { key } = cache
    if (key.kind === 'text') return cache
    // GitLab: without a prefix the number of the cache is it.
    const prefix = key.prefix ?? String(index)
    const parts = [prefix, await digest(key)].filter((part) => part.trim() !== '')
    return { ...cache, key: { kind: 'text', text: parts.join('-') } }
  }
  return Promise.all(
    jobs.map(async (job) => {
      const { cache } = job.options
      return cache
        ? { ...job, options: { ...job.options, cache: await Promise.all(cache.map(withKey)) } }
        : job
    }),
  )
}

/** SHA-1 of the ids of the files' contents or last commits; `default` when none of them is there. */
async function digestOf(
  kind: 'files' | 'files_commits',
  files: readonly string[],
  { repository, treeSha }: KeyedAt,
): Promise<string> {
  const named = [...new Set(files.filter((file) => file.trim() !== ''))]
  const ids =
    kind === 'files'
      ? (await paths(named, { repository, treeSha })).map(
          async (path) => (await repository.readFile(treeSha, path))?.blobId,
        )
      : named.map((path) => lastCommitOf(repository.gitDir, treeSha, path))
  const found = (await Promise.all(ids)).filter((id) => id !== undefined)
  if (found.length === 0) return 'default'
  return createHash('sha1')
    .update([...new Set(found)].toSorted().join('-'))
    .digest('hex')
}

async function paths(files: readonly string[], { repository, treeSha }: KeyedAt): Promise<string[]> {
  if (!files.some((file) => file.includes('*'))) return [...files]
  const tree = await repository.treePaths(treeSha)
  return [...new Set(files.flatMap((file) => (file.includes('*') ? matchingPaths(file, tree) : [file])))]
}
