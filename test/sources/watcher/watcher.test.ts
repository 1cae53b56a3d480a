// Real repositories, a real file watch, the real engine; only the time between looks is not waited for.
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ZERO_SHA } from '../../../src/model/pipeline.ts'
import { makeRepository, repositoryAt, temporaryFolder } from '../../support/git.ts'
import { backdate, watchIt } from './scene.ts'

const FILE = { '.gitlab-ci.yml': 'build:\n  script: make\n' }

describe('a repository that is followed', () => {
  it('runs nothing for what is there at first', async () => {
    const repository = makeRepository({ files: FILE })
    repository.git('tag', 'v1')
    const here = watchIt(repository)
    await here.watch.look()
    expect(here.pipelines()).toEqual([])
  })

  it('makes a pipeline of a commit, with the previous tip', async () => {
    const repository = makeRepository({ files: FILE })
    const first = repository.git('rev-parse', 'HEAD')
    const here = watchIt(repository)
    await here.watch.look()
    const sha = repository.commit('second', { a: '1' })
    expect(await here.pipeline(1)).toMatchObject({
      source: 'push',
      ref: 'main',
      tag: false,
      sha,
      beforeSha: first,
      userId: 1,
    })
  })

  it('makes pipelines of new branches and tags, below folders too', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository)
    await here.watch.look()
    repository.git('branch', 'feature/deep/x')
    expect(await here.pipeline(1)).toMatchObject({ ref: 'feature/deep/x', tag: false, beforeSha: ZERO_SHA })
    repository.git('tag', '-a', 'v1', '-m', 'one')
    expect(await here.pipeline(2)).toMatchObject({
      ref: 'v1',
      tag: true,
      beforeSha: ZERO_SHA,
      sha: repository.git('rev-parse', 'HEAD'),
    })
    repository.commit('on the branch')
    expect(await here.pipeline(3)).toMatchObject({ ref: 'main' })
  })

  it('ignores what is deleted, packed, fetched or stashed', async () => {
    const repository = makeRepository({ files: FILE })
    repository.git('branch', 'old')
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    repository.git('branch', '-D', 'old')
    repository.git('pack-refs', '--all')
    repository.write({ a: 'changed' })
    repository.git('add', '-A')
    repository.git('stash')
    repository.git('update-ref', 'refs/remotes/origin/main', 'HEAD')
    repository.git('update-ref', 'refs/merge-requests/1/head', 'HEAD')
    await here.watch.look()
    expect(here.pipelines()).toEqual([])
  })

  it('sees a ref that was deleted come back at the same commit', async () => {
    const repository = makeRepository({ files: FILE })
    repository.git('tag', 'v1')
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    repository.git('tag', '-d', 'v1')
    await here.watch.look()
    repository.git('tag', 'v1')
    await here.watch.look()
    expect(here.pipelines()).toMatchObject([{ ref: 'v1', beforeSha: ZERO_SHA }])
    repository.git('tag', '-d', 'v1')
    await here.watch.look()
    repository.git('tag', 'v1')
    await here.watch.look()
    expect(here.pipelines()).toHaveLength(2)
  })

  it('makes one pipeline of several commits, and one of a force-push', async () => {
    const repository = makeRepository({ files: FILE })
    const first = repository.git('rev-parse', 'HEAD')
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    repository.commit('second', { a: '1' })
    const third = repository.commit('third', { a: '2' })
    await here.watch.look()
    expect(here.pipelines()).toMatchObject([{ sha: third, beforeSha: first }])
    repository.git('reset', '-q', '--hard', first)
    await here.watch.look()
    expect(here.pipelines()[1]).toMatchObject({ sha: first, beforeSha: third })
    await here.watch.look()
    expect(here.pipelines()).toHaveLength(2)
  })

  it.each(['[skip ci] later', 'later [CI-SKIP]', 'a\n\n[ci skip]'])(
    'runs no job for the message %j',
    async (message) => {
      const repository = makeRepository({ files: FILE })
      const here = watchIt(repository, { hints: false })
      await here.watch.look()
      repository.commit(message, { a: '1' })
      await here.watch.look()
      await here.pipeline(1)
      await new Promise((resolve) => setImmediate(resolve))
      expect(here.pipelines()).toMatchObject([{ status: 'skipped' }])
      expect(here.store.jobs.ofPipeline(1)).toEqual([])
    },
  )

  it('keeps a failed pipeline for a file that is wrong', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    repository.commit('broken', { '.gitlab-ci.yml': 'build: {}\n' })
    await here.watch.look()
    expect(here.pipelines()).toMatchObject([{ status: 'failed' }])
    expect(here.pipelines()[0]?.configError).toMatch(/^jobs build config should implement the script:/)
  })

  it('follows its rules', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository, { hints: false, rules: { branches: ['release/*'], tags: 'none' } })
    await here.watch.look()
    for (const name of ['release/1', 'other']) repository.git('branch', name)
    repository.git('tag', 'v1')
    await here.watch.look()
    expect(here.pipelines()).toMatchObject([{ ref: 'release/1' }])
  })

  it('bounds what one look makes, and says so', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository, { hints: false, mostPipelines: 2 })
    await here.watch.look()
    for (const name of ['a', 'b', 'c']) repository.git('branch', name)
    await here.watch.look()
    expect(here.pipelines().map(({ ref }) => ref)).toEqual(['a', 'b'])
    expect(here.notices).toEqual([
      'group/app: 3 branches and tags moved at once; pipelines are made for 2 (limits.pipelines_per_push)',
    ])
    await here.watch.look()
    expect(here.pipelines()).toHaveLength(2)
  })
})

describe('a daemon that comes back', () => {
  it('makes one pipeline for what moved meanwhile, at its latest tip', async () => {
    const repository = makeRepository({ files: FILE })
    const stateDir = temporaryFolder()
    const before = watchIt(repository, { stateDir, hints: false })
    await before.watch.look()
    await before.watch.close()
    repository.commit('second', { a: '1' })
    const third = repository.commit('third', { a: '2' })
    const after = watchIt(repository, { stateDir, hints: false })
    await after.watch.look()
    expect(after.pipelines()).toMatchObject([{ sha: third }])
  })

  it('makes no second pipeline when it died before the tip was noted', async () => {
    const repository = makeRepository({ files: FILE })
    const first = repository.git('rev-parse', 'HEAD')
    const stateDir = temporaryFolder()
    const before = watchIt(repository, { stateDir, hints: false })
    await before.watch.look()
    const second = repository.commit('second', { a: '1' })
    await before.watch.look()
    // What the database shows after a kill between the pipeline and the note.
    before.store.write('full', () =>
      before.store.watchedRefs.put(9, 'refs/heads/main', { sha: first, moves: 1 }, 0),
    )
    const after = watchIt(repository, { stateDir, hints: false })
    await after.watch.look()
    expect(after.pipelines()).toMatchObject([{ sha: second }])
    const third = repository.commit('third', { a: '2' })
    await after.watch.look()
    expect(after.pipelines().map(({ sha }) => sha)).toEqual([second, third])
  })
})

describe('kinds of repositories', () => {
  it('sees pushes into a bare one', async () => {
    const repository = makeRepository({ files: FILE })
    const bare = join(temporaryFolder(), 'app.git')
    repository.git('clone', '--quiet', '--bare', repository.root, bare)
    const here = watchIt({ ...repository, gitDir: bare })
    await here.watch.look()
    const sha = repository.commit('second', { a: '1' })
    repository.git('push', '--quiet', bare, 'main')
    expect(await here.pipeline(1)).toMatchObject({ sha })
    repository.git('tag', 'v2')
    repository.git('push', '--quiet', bare, 'v2')
    expect(await here.pipeline(2)).toMatchObject({ ref: 'v2', tag: true })
  })

  it('sees commits in a linked worktree', async () => {
    const repository = makeRepository({ files: FILE })
    const linked = join(temporaryFolder(), 'linked')
    repository.git('worktree', 'add', '--quiet', '-b', 'side', linked)
    const side = repositoryAt(linked)
    const here = watchIt(side)
    await here.watch.look()
    side.commit('there')
    expect(await here.pipeline(1)).toMatchObject({ ref: 'side' })
  })

  it('sees refs that are packed away and come back loose', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository)
    await here.watch.look()
    repository.git('pack-refs', '--all')
    const sha = repository.commit('second', { a: '1' })
    expect(await here.pipeline(1)).toMatchObject({ sha })
    await here.watch.look()
    expect(here.pipelines()).toHaveLength(1)
  })

  it('survives that the repository is away for a while', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository)
    await here.watch.look()
    renameSync(repository.root, `${repository.root}-away`)
    await here.watch.look()
    await here.watch.look()
    expect(here.notices).toHaveLength(1)
    expect(here.notices[0]).toMatch(/^group\/app cannot be watched at the moment: /)
    renameSync(`${repository.root}-away`, repository.root)
    await here.watch.poll()
    const sha = repository.commit('second', { a: '1' })
    expect(await here.pipeline(1)).toMatchObject({ sha })
  })

  it('asks git only when the folders of the refs have changed', async () => {
    const repository = makeRepository({ files: FILE })
    backdate(repository)
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    const asked = here.looks.count
    await here.watch.poll()
    expect(here.looks.count).toBe(asked)
    repository.commit('second', { a: '1' })
    await here.watch.poll()
    expect(here.pipelines()).toHaveLength(1)
  })

  it('asks git again for what may have been written twice within one tick of the file system', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    const asked = here.looks.count
    await here.watch.poll()
    expect(here.looks.count).toBe(asked + 1)
  })
})
