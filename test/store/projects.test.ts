import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/state-folder.ts'

function projects() {
  const store = openStore(temporaryFolder(), { powerSafe: true })
  onTestFinished(() => store.close())
  return {
    movedFrom: store.projects.movedFrom,
    find: store.projects.find,
    name: (id: number, name: string): void =>
      store.projects.put({ id, name, path: `/srv/${id}`, defaultBranch: 'main' }, 1000),
  }
}

test('a project gets a name back, and loses it again', () => {
  const { movedFrom, name } = projects()
  for (const each of ['group/a', 'group/b', 'group/a', 'group/b', 'group/c']) name(1, each)
  expect([movedFrom('group/a'), movedFrom('group/b'), movedFrom('group/c')]).toEqual([1, 1, undefined])
})

test('a name leads to the project that had it last', () => {
  const { movedFrom, name } = projects()
  name(1, 'group/a')
  name(1, 'group/b')
  name(2, 'group/a')
  name(2, 'group/c')
  expect(movedFrom('group/a')).toBe(2)
})

test('two projects swap their names', () => {
  const { find, name } = projects()
  name(1, 'group/a')
  name(2, 'group/b')
  name(1, 'group/b')
  name(2, 'group/a')
  expect([find(1)?.name, find(2)?.name]).toEqual(['group/b', 'group/a'])
})

test('another project gets the name of one that is served no more, which can come back', () => {
  const { find, movedFrom, name } = projects()
  name(1, 'group/a')
  name(2, 'group/a')
  expect([find(1)?.name, find(2)?.name]).toEqual(['group/a (project 1)', 'group/a'])
  expect(movedFrom('group/a')).toBeUndefined()
  name(2, 'group/b')
  name(1, 'group/a')
  expect([find(1)?.name, find(2)?.name]).toEqual(['group/a', 'group/b'])
})
