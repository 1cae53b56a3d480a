import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { harness, section, type Ended, type Harness } from '../support/harness.ts'
import { bubblewrap, shell } from '../support/executors.ts'
import { payload, variable } from '../support/payload.ts'

let lab: Harness
afterEach(() => lab.close())
const open = (...options: Parameters<typeof harness> extends [unknown, ...infer Rest] ? Rest : never) =>
  (lab = harness(shell(), { concurrency: 1, ...options[0] }))

/** The lines without colours, of one stage. */
const lines = ({ log }: Ended, stage: string) =>
  section(log, stage)
    .replace(/\u001b\[[0-9;]*[mK]/g, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')

const CACHE = [{ key: 'k', paths: ['dir'] }]
const FILL = ['mkdir dir', 'echo one > dir/a', 'ln -s a dir/l', 'chmod 755 dir/a']
const LOCAL =
  'No URL provided, cache will not be downloaded from shared cache server. Instead a local version of cache will be extracted.'

it('goes from one job to the next, with modes and links, in the lines of gitlab-runner', async () => {
  open()
  const first = await lab.run({ cache: CACHE, script: FILL })
  expect(first.end).toEqual({ state: 'success' })
  expect(lines(first, 'restore_cache')).toEqual([
    'Checking cache for k...',
    LOCAL,
    'WARNING: Cache file does not exist',
    'Failed to extract cache',
  ])
  expect(lines(first, 'archive_cache')).toEqual([
    'Creating cache k...',
    'dir: found 3 matching artifact files and directories',
    'No URL provided, cache will not be uploaded to shared cache server. Cache will be stored only locally.',
    'Created cache',
  ])
  const second = await lab.run({
    cache: CACHE,
    script: ['cat dir/l', 'test -x dir/a', 'readlink dir/l'],
  })
  expect(second.output).toContain('one\n')
  expect(lines(second, 'restore_cache')).toEqual([
    'Checking cache for k...',
    LOCAL,
    'Successfully extracted cache',
  ])
  expect(lines(second, 'archive_cache')).toContain('Archive is up to date!')
})

it('sections stand between the sources and the script, and before the artifacts', async () => {
  open()
  const { log } = await lab.run({ cache: CACHE, script: FILL, artifacts: { paths: ['dir'] } })
  expect([...log.matchAll(/section_start:\d+:(\w+)/g)].map(([, name]) => name)).toEqual([
    'prepare_executor',
    'prepare_script',
    'get_sources',
    'restore_cache',
    'step_script',
    'archive_cache',
    'upload_artifacts_on_success',
    'cleanup_file_variables',
  ])
})

describe('policy', () => {
  it.each([
    ['pull', 'archive_cache', 'Not uploading cache k due to policy'],
    ['push', 'restore_cache', 'Not downloading cache k due to policy'],
    ['$POLICY', 'archive_cache', 'Not uploading cache k due to policy'],
  ])('%s', async (policy, stage, line) => {
    open()
    const ended = await lab.run({
      cache: [{ ...CACHE[0], policy }],
      script: FILL,
      variables: [variable('POLICY', 'pull')],
    })
    expect(lines(ended, stage)).toEqual([line])
  })

  it('one that is none fails the job', async () => {
    open()
    const ended = await lab.run({ cache: [{ ...CACHE[0], policy: 'never' }], script: FILL })
    expect(ended.end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
    expect(ended.log).toContain('ERROR: Job failed (system failure): unknown cache policy never for k')
  })
})

it.each([
  ['on_success', 'true', true],
  ['on_success', 'false', false],
  ['on_failure', 'true', false],
  ['on_failure', 'false', true],
  ['always', 'false', true],
] as const)('when: %s after %s', async (when, command, saved) => {
  open()
  const ended = await lab.run({ cache: [{ ...CACHE[0], when }], script: [...FILL, command] })
  const stage = command === 'true' ? 'archive_cache' : 'archive_cache_on_failure'
  expect(lines(ended, stage).includes('Created cache')).toBe(saved)
  expect(ended.log.includes(`Saving cache for ${command === 'true' ? 'successful' : 'failed'} job`)).toBe(
    saved,
  )
})

describe('keys', () => {
  it('are expanded and made safe, with a warning', async () => {
    open()
    const ended = await lab.run({
      cache: [{ key: '../$NAME', paths: ['dir'] }],
      script: FILL,
      variables: [variable('NAME', 'x y ')],
    })
    expect(lines(ended, 'archive_cache').slice(0, 2)).toEqual([
      'cache key "../x y " sanitized to "x y"',
      'Creating cache x y...',
    ])
    expect(existsSync(join(lab.folder, 'cache/group/app/x%20y/cache.json'))).toBe(true)
  })

  it('that are missing fall back in order, CACHE_FALLBACK_KEY last', async () => {
    open()
    await lab.run({ cache: CACHE, script: FILL })
    const ended = await lab.run({
      cache: [{ key: 'none', paths: ['dir'], fallback_keys: ['nor $THIS', ''], policy: 'pull' }],
      script: ['cat dir/a'],
      variables: [variable('THIS', 'this'), variable('CACHE_FALLBACK_KEY', 'k')],
    })
    expect(ended.end).toEqual({ state: 'success' })
    expect(lines(ended, 'restore_cache').filter((line) => line.startsWith('Checking'))).toEqual([
      'Checking cache for none...',
      'Checking cache for nor this...',
      'Checking cache for k...',
    ])
  })

  it('CACHE_FALLBACK_KEY may not be that of protected branches', async () => {
    open()
    const ended = await lab.run({
      cache: [{ key: 'none', paths: ['dir'] }],
      variables: [variable('CACHE_FALLBACK_KEY', 'k-protected. ')],
    })
    expect(lines(ended, 'restore_cache')).toContain(
      'CACHE_FALLBACK_KEY "k-protected." not allowed to end in "-protected"',
    )
  })

  it('without text are the name of the job and its ref', async () => {
    open()
    const ended = await lab.run({ name: 'build it', cache: [{ key: '', paths: ['dir'] }], script: FILL })
    expect(lines(ended, 'archive_cache')[0]).toBe('Creating cache build it/main...')
  })
})

it('several, and untracked files', async () => {
  open()
  const cache = [
    { key: 'a', paths: ['dir'] },
    { key: 'b', untracked: true },
    { key: 'c', paths: [] },
  ]
  await lab.run({ cache, script: [...FILL, 'echo two > loose'] })
  const ended = await lab.run({ cache, script: ['cat dir/a loose'] })
  expect(ended.output).toContain('one\ntwo\n')
  expect(ended.log).not.toContain('cache for c')
})

it('nothing to keep is a warning, and no cache', async () => {
  open()
  const ended = await lab.run({ cache: [{ key: 'k', paths: ['nothing', '../outside', '/etc'] }] })
  expect(ended.end).toEqual({ state: 'success' })
  expect(lines(ended, 'archive_cache')).toEqual(
    expect.arrayContaining(['WARNING: No files to cache.', 'Created cache']),
  )
  expect(readdirSync(join(lab.folder, 'cache'))).toEqual([])
})

it('a damaged one is a warning, the job goes on and makes a new one', async () => {
  open()
  await lab.run({ cache: CACHE, script: FILL })
  const place = join(lab.folder, 'cache/group/app/k')
  const [files = ''] = readdirSync(place).filter((name) => name.startsWith('files-'))
  writeFileSync(join(place, files, 'dir/a'), 'cut off')
  const ended = await lab.run({ cache: CACHE, script: ['test ! -e dir', ...FILL] })
  expect(ended.end).toEqual({ state: 'success' })
  expect(lines(ended, 'restore_cache').at(-1)).toBe('Failed to extract cache')
  expect((await lab.run({ cache: CACHE, script: ['cat dir/a'] })).output).toContain('one\n')
})

it('a folder that cannot be written to is a warning', async () => {
  open()
  rmSync(join(lab.folder, 'cache'), { recursive: true })
  writeFileSync(join(lab.folder, 'cache'), 'a file')
  const ended = await lab.run({ cache: CACHE, script: FILL })
  expect(ended.end).toEqual({ state: 'success' })
  expect(lines(ended, 'archive_cache').at(-1)).toBe('Failed to create cache')
})

it('one that is larger than all may be is not kept', async () => {
  open({ caches: { dir: join(tmpdir(), 'sluice-small-cache'), limit: 3 } })
  const ended = await lab.run({ cache: CACHE, script: FILL })
  expect(lines(ended, 'archive_cache').slice(-2)).toEqual([
    'WARNING: the cache has 4 bytes, more than all caches of the project may take (cache.max_size: 3)',
    'Failed to create cache',
  ])
})

describe('links', () => {
  it('of the repository are never written through', async () => {
    open({ files: { 'README.md': 'x' } })
    await lab.run({ cache: CACHE, script: FILL })
    const outside = join(lab.folder, 'outside')
    mkdirSync(outside)
    symlinkSync(outside, join(lab.repository.source, 'dir'))
    const sha = lab.repository.commit({})
    const ended = await lab.run({ sha, cache: CACHE, script: ['cat dir/a', 'test ! -L dir'] })
    expect(ended.end).toEqual({ state: 'success' })
    expect(readdirSync(outside)).toEqual([])
  })

  it('are kept as links, and what they lead to is not read', async () => {
    open()
    writeFileSync(join(lab.folder, 'secret'), 'secret')
    const cache = [{ key: 'k', paths: ['dir', 'way/secret'] }]
    await lab.run({
      cache,
      script: ['mkdir dir', `ln -s ${lab.folder} way`, `ln -s ${lab.folder}/secret dir/l`],
    })
    const ended = await lab.run({ cache, script: ['test -L dir/l', 'test ! -e way'] })
    expect(ended.end).toEqual({ state: 'success' })
  })
})

it('behind bubblewrap a job sees no cache but its own, and that only as its files', async () => {
  lab = harness(bubblewrap(), { concurrency: 1 })
  await lab.run({ cache: CACHE, script: FILL })
  const ended = await lab.run({
    cache: CACHE,
    script: ['cat dir/a', `ls ${join(lab.folder, 'cache')} || echo hidden`],
  })
  expect(ended.output).toContain('one\n')
  expect(ended.output).toContain('hidden\n')
  expect(readFileSync(join(lab.folder, 'cache/group/app/k/cache.json'), 'utf8')).toContain('"key":"k"')
})

it('two projects with one key do not share', async () => {
  open()
  await lab.run({ cache: CACHE, script: FILL })
  const other = await lab.run({
    project: 'group/other',
    projectId: 2,
    cache: CACHE,
    script: ['test ! -e dir'],
  })
  expect(other.end).toEqual({ state: 'success' })
})

it('a job without a cache says nothing of one', async () => {
  open()
  expect(payload({ mirror: '', sha: '', script: [] }).cache).toEqual([])
  const { log } = await lab.run({})
  expect(log).not.toMatch(/cache/i)
})
