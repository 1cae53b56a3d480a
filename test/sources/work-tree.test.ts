// Real files, real watches, the real engine: a save in a work tree makes a pipeline of its snapshot.
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { openRepository } from '../../src/platform/git.ts'
import { openMirror } from '../../src/platform/mirror.ts'
import { followWorkTree } from '../../src/sources/work-tree/snapshot-pipelines.ts'
import { testEngine } from '../support/engine.ts'
import { makeRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { madePipelines } from '../support/made-pipelines.ts'

const FILES = { '.gitlab-ci.yml': 'build:\n  script: make\n', '.gitignore': 'out/\n', a: '1\n' }

async function follow(repository: TestRepository) {
  const mirror = join(temporaryFolder(), 'mirror.git')
  await openMirror({ source: repository.gitDir, mirror, borrow: false })
  const git = openRepository(mirror)
  const made = testEngine('', { repository: git })
  const notices: string[] = []
  const tree = followWorkTree(
    { id: 9, name: 'group/app', root: repository.root, mirror },
    {
      engine: made.engine,
      clock: systemClock,
      open: openRepository,
      fileLimit: 1024 * 1024,
      notice: (text) => notices.push(text),
    },
  )
  onTestFinished(async () => {
    await tree.close()
    git.close()
  })
  await tree.ready
  return { tree, git, notices, ...madePipelines(made) }
}

it('makes a pipeline of what was saved, and cancels the one before', async () => {
  const repository = makeRepository({ files: FILES })
  const head = repository.git('rev-parse', 'HEAD')
  repository.write({ a: 'there at first\n' })
  const here = await follow(repository)
  expect(here.pipelines()).toEqual([])
  repository.write({ a: '2\n', 'new/b': 'x' })
  const first = await here.pipeline(1)
  expect(first).toMatchObject({ source: 'push', ref: 'main', sha: head, tag: false })
  expect((await here.git.readFile(first.snapshotSha ?? '', 'new/b'))?.bytes.toString()).toBe('x')
  await here.tree.look()
  repository.write({ a: '3\n' })
  const second = await here.pipeline(2)
  expect(second.snapshotSha).not.toBe(first.snapshotSha)
  expect(here.pipelines()[0]?.status).toMatch(/^cancel/)
  expect(repository.git('status', '--porcelain')).toBe(' M a\n?? new/')
})

it('makes none for ignored files, for what is the same again, and for a tree that is clean', async () => {
  const repository = makeRepository({ files: FILES })
  const here = await follow(repository)
  repository.write({ 'out/x': '1', a: '1\n' })
  await here.tree.look()
  repository.write({ a: '2\n' })
  await here.tree.look()
  expect(here.pipelines()).toHaveLength(1)
  repository.git('commit', '-qam', 'second')
  await here.tree.look()
  repository.write({ a: '3\n' })
  await here.tree.look()
  repository.git('checkout', '-q', 'a')
  await here.tree.look()
  expect(here.pipelines()).toHaveLength(2)
  expect(here.pipelines()[1]?.status).toMatch(/^cancel/)
  expect(here.notices).toEqual([])
})
