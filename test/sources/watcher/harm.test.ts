// Repositories that are damaged, taken away, copied and brought back while they are followed.
import { cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ZERO_SHA } from '../../../src/model/pipeline.ts'
import { makeRepository, repositoryAt } from '../../support/git.ts'
import { watchIt } from './scene.ts'

const FILE = { '.gitlab-ci.yml': 'build:\n  script: make\n' }

describe('a repository that is damaged, taken away or brought back', () => {
  it('follows the other branches, says which one is damaged, and goes on where it stood once it is whole', async () => {
    const repository = makeRepository({ files: FILE })
    repository.git('branch', 'lost', repository.git('commit-tree', '-m', 'lost', 'HEAD^{tree}'))
    const lost = repository.git('rev-parse', 'lost')
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    const object = join(repository.gitDir, 'objects', lost.slice(0, 2), lost.slice(2))
    renameSync(object, `${object}-away`)
    const fresh = watchIt(repository, { hints: false, stateDir: here.store.stateDir })
    repository.commit('second', { a: '1' })
    await fresh.watch.look()
    await fresh.watch.look()
    expect(fresh.pipelines()).toMatchObject([{ ref: 'main' }])
    expect(fresh.notices).toEqual([
      'group/app: no commit can be read behind refs/heads/lost; the other branches and tags are followed',
    ])
    renameSync(`${object}-away`, object)
    await fresh.watch.look()
    expect(fresh.pipelines()).toHaveLength(1)
  })

  it('takes a file that was cut short for no deletion', async () => {
    const repository = makeRepository({ files: FILE })
    const tag = join(repository.gitDir, 'refs/tags/v1')
    repository.git('tag', 'v1')
    const text = readFileSync(tag)
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    truncateSync(tag)
    await here.watch.look()
    expect(here.notices[0]).toContain('refs/tags/v1')
    writeFileSync(tag, text)
    await here.watch.look()
    expect(here.pipelines()).toEqual([])
  })

  it('makes the pipelines of the others when that of one fails, and that one later', async () => {
    const repository = makeRepository({ files: FILE })
    const failing = new Set(['refs/heads/a'])
    const here = watchIt(repository, { hints: false, failing })
    await here.watch.look()
    for (const name of ['a', 'b']) repository.git('branch', name)
    await here.watch.look()
    expect(here.pipelines().map(({ ref }) => ref)).toEqual(['b'])
    expect(here.notices).toEqual([
      'group/app cannot be watched at the moment: refs/heads/a: Error: database or disk is full',
    ])
    failing.clear()
    await here.watch.poll()
    expect(here.pipelines().map(({ ref }) => ref)).toEqual(['b', 'a'])
  })

  it('does not take refs for deleted whose files are being copied or removed', async () => {
    const repository = makeRepository({ files: FILE })
    repository.git('branch', 'old')
    repository.git('tag', 'v1')
    repository.git('pack-refs', '--all')
    const packed = join(repository.gitDir, 'packed-refs')
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    renameSync(packed, `${packed}-away`)
    await here.watch.look()
    renameSync(`${packed}-away`, packed)
    await here.watch.look()
    expect(here.pipelines()).toEqual([])
    repository.git('tag', '-d', 'v1')
    await here.watch.look()
    repository.git('tag', 'v1')
    await here.watch.look()
    expect(here.pipelines()).toMatchObject([{ ref: 'v1', beforeSha: ZERO_SHA }])
  })

  it('makes no pipeline of the older commits that show while the loose refs are gone', async () => {
    const repository = makeRepository({ files: FILE })
    repository.git('pack-refs', '--all')
    repository.commit('second', { a: '1' })
    const main = join(repository.gitDir, 'refs/heads/main')
    const text = readFileSync(main)
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    rmSync(main)
    rmSync(join(repository.gitDir, 'objects/info'), { recursive: true })
    renameSync(join(repository.gitDir, 'config'), join(repository.gitDir, 'config-away'))
    await here.watch.look()
    renameSync(join(repository.gitDir, 'config-away'), join(repository.gitDir, 'config'))
    writeFileSync(main, text)
    await here.watch.look()
    expect(here.pipelines()).toEqual([])
  })

  it('sees a branch that moved and was packed before anybody looked', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository, { hints: false })
    await here.watch.look()
    const sha = repository.commit('second', { a: '1' })
    repository.git('pack-refs', '--all', '--prune')
    await here.watch.look()
    expect(here.pipelines()).toMatchObject([{ sha }])
  })

  it('is found at a glance when it is back, and says so', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository)
    await here.watch.look()
    renameSync(repository.root, `${repository.root}-away`)
    await here.watch.glance()
    expect(here.notices).toEqual([
      `group/app cannot be watched at the moment: ${repository.gitDir}: it is not there`,
    ])
    await here.watch.glance()
    repositoryAt(`${repository.root}-away`).commit('meanwhile', { a: '1' })
    renameSync(`${repository.root}-away`, repository.root)
    await here.watch.glance()
    expect(here.pipelines()).toHaveLength(1)
    expect(here.notices.slice(1)).toEqual(['group/app is watched again'])
    const sha = repository.commit('hints are new', { a: '2' })
    expect(await here.pipeline(2)).toMatchObject({ sha })
  })

  it('is followed by events again after another one was put in its place', async () => {
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository)
    await here.watch.look()
    renameSync(repository.root, `${repository.root}-old`)
    cpSync(`${repository.root}-old`, repository.root, { recursive: true, preserveTimestamps: true })
    await here.watch.glance()
    expect(here.pipelines()).toEqual([])
    const sha = repository.commit('second', { a: '1' })
    expect(await here.pipeline(1)).toMatchObject({ sha })
  })
})
