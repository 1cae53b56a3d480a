import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CacheKeyPlan, CachePlan } from '../../src/model/keyword-plans.ts'
import type { JobPlan } from '../../src/model/plan.ts'
import { withCacheKeys } from '../../src/pipeline/cache-keys.ts'
import { markKept } from '../../src/pipeline/kept-workspace.ts'
import { payloadCache } from '../../src/pipeline/payload-cache.ts'
import { openRepository, type GitRepository } from '../../src/platform/git.ts'
import { variable } from '../../src/model/variable.ts'

let folder: string
let repository: GitRepository
let sha: string
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).trim()

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'))
  git('init', '--quiet')
  mkdirSync(join(folder, 'sub'))
  for (const [path, text] of [
    ['a.lock', 'a'],
    ['b.lock', 'b'],
    ['sub/c.lock', 'c'],
  ] as const) {
    writeFileSync(join(folder, path), text)
    git('add', path)
    git('commit', '--quiet', '--message', path)
  }
  repository = openRepository(join(folder, '.git'))
  sha = git('rev-parse', 'HEAD')
})
afterAll(() => {
  repository.close()
  rmSync(folder, { recursive: true, force: true })
})

const cacheOf = (key: CacheKeyPlan, more: Partial<CachePlan> = {}): CachePlan => ({
  key,
  paths: ['x'],
  untracked: false,
  when: 'on_success',
  policy: 'pull-push',
  unprotect: false,
  fallbackKeys: [],
  ...more,
})
// Only what these functions read of a job.
const job = (caches: readonly CachePlan[]): JobPlan =>
  ({ name: 'j', variables: [], options: { cache: caches } }) as unknown as JobPlan
const sha1 = (...ids: string[]) => createHash('sha1').update(ids.toSorted().join('-')).digest('hex')
const blob = (path: string) => git('rev-parse', `HEAD:${path}`)
const last = (path: string) => git('log', '-1', '--format=%H', '--', path)

async function keysOf(...keys: CacheKeyPlan[]) {
  const [done] = await withCacheKeys([job(keys.map((key) => cacheOf(key)))], { repository, treeSha: sha })
  return done?.options.cache?.map(({ key }) => (key.kind === 'text' ? key.text : key))
}

describe('keys made from files, as GitLab makes them', () => {
  it.each<[string, () => CacheKeyPlan, () => string]>([
    ['text', () => ({ kind: 'text', text: '$X' }), () => '$X'],
    [
      'one file',
      () => ({ kind: 'files', files: ['a.lock'], prefix: null }),
      () => `0-${sha1(blob('a.lock'))}`,
    ],
    [
      'two files in any order',
      () => ({ kind: 'files', files: ['b.lock', 'a.lock'], prefix: 'p' }),
      () => `p-${sha1(blob('a.lock'), blob('b.lock'))}`,
    ],
    [
      'a pattern',
      () => ({ kind: 'files', files: ['**.lock'], prefix: '$P' }),
      () => `$P-${sha1(blob('a.lock'), blob('b.lock'), blob('sub/c.lock'))}`,
    ],
    ['no such file', () => ({ kind: 'files', files: ['none'], prefix: 'p' }), () => 'p-default'],
    ['an empty prefix', () => ({ kind: 'files', files: ['none'], prefix: '' }), () => 'default'],
    [
      'last commits',
      () => ({ kind: 'files_commits', files: ['a.lock', 'sub/c.lock'], prefix: 'p' }),
      () => `p-${sha1(last('a.lock'), last('sub/c.lock'))}`,
    ],
    ['no commit', () => ({ kind: 'files_commits', files: ['none'], prefix: 'p' }), () => 'p-default'],
  ])('%s', async (_, key, expected) => {
    expect(await keysOf(key())).toEqual([expected()])
  })

  it('begin with the number of the cache', async () => {
    const none: CacheKeyPlan = { kind: 'files', files: ['none'], prefix: null }
    expect(await keysOf(none, none)).toEqual(['0-default', '1-default'])
  })

  it('jobs without them are the same objects', async () => {
    const jobs = [job([cacheOf({ kind: 'text', text: 'x' })])]
    expect(await withCacheKeys(jobs, { repository, treeSha: sha })).toBe(jobs)
  })
})

it.each([
  [true, false, 'protected'],
  [true, true, 'non_protected'],
  [false, false, 'non_protected'],
  [false, true, 'non_protected'],
])(
  'protected ref %s, unprotect %s: suffix %s, of the fallback keys too',
  (refProtected, unprotect, suffix) => {
    const cache = cacheOf({ kind: 'text', text: 'k' }, { unprotect, fallbackKeys: ['f'] })
    expect(payloadCache([cache], refProtected)).toEqual([
      {
        key: `k-${suffix}`,
        fallback_keys: [`f-${suffix}`],
        untracked: false,
        policy: 'pull-push',
        paths: ['x'],
        when: 'on_success',
      },
    ])
  },
)

it.each([
  ['GIT_STRATEGY', 'none', true],
  ['GIT_STRATEGY', 'fetch', undefined],
  ['GIT_STRATEGY', 'empty', undefined],
  ['GIT_CLEAN_FLAGS', '-ffdx -e x', true],
  ['GIT_CHECKOUT', 'false', true],
  ['OTHER', 'none', undefined],
])('%s: %s keeps the workspaces of all jobs: %s', (key, value, kept) => {
  const asking = { ...job([]), variables: [variable(key, value, 'job')] }
  expect(markKept([job([]), asking]).map(({ options }) => options.keepWorkspace)).toEqual([kept, kept])
})
