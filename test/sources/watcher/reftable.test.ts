// Debian 12's git is too old for reftable: these tests run where a newer one comes first in PATH.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isReftable, partsOf, refsMark } from '../../../src/sources/watcher/git-folders.ts'
import { repositoryAt, temporaryFolder, type TestRepository } from '../../support/git.ts'
import { watchIt } from './scene.ts'

function reftableRepository(): TestRepository | undefined {
  const folder = join(temporaryFolder(), 'app')
  try {
    execFileSync('git', ['init', '-q', '-b', 'main', '--ref-format=reftable', folder], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  return repositoryAt(folder)
}

const canReftable = reftableRepository() !== undefined

describe.skipIf(!canReftable)(
  'a repository that keeps its refs as reftable (needs git 2.45 or newer)',
  () => {
    function setUp(): TestRepository {
      const repository = reftableRepository()
      if (!repository) throw new Error('git made one before')
      repository.commit('first', { '.gitlab-ci.yml': 'build:\n  script: make\n' })
      return repository
    }

    it('is followed by events', async () => {
      const repository = setUp()
      const here = watchIt(repository)
      await here.watch.look()
      const sha = repository.commit('second', { a: '1' })
      expect(await here.pipeline(1)).toMatchObject({ ref: 'main', sha })
      repository.git('tag', 'v1')
      expect(await here.pipeline(2)).toMatchObject({ ref: 'v1', tag: true, sha })
    })

    it('is followed through packing, deletions and both migrations', async () => {
      const repository = setUp()
      repository.git('branch', 'old')
      const here = watchIt(repository, { hints: false })
      await here.watch.look()
      repository.git('pack-refs', '--all')
      repository.git('gc', '-q')
      repository.git('branch', '-D', 'old')
      await here.watch.look()
      repository.git('refs', 'migrate', '--ref-format=files')
      await here.watch.look()
      expect(here.pipelines()).toEqual([])
      const second = repository.commit('second', { a: '1' })
      await here.watch.look()
      repository.git('refs', 'migrate', '--ref-format=reftable')
      await here.watch.look()
      const third = repository.commit('third', { a: '2' })
      await here.watch.look()
      expect(here.pipelines().map(({ sha }) => sha)).toEqual([second, third])
    })

    it('looks different after each push, and has its table list for a part', () => {
      const repository = setUp()
      const before = refsMark(repository.gitDir)?.text
      repository.git('tag', 'v1')
      expect(refsMark(repository.gitDir)?.text).not.toBe(before)
      expect(isReftable(repository.gitDir)).toBe(true)
      expect(partsOf(repository.gitDir)).toContain('reftable/tables.list')
    })
  },
)
