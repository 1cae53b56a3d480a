import { expect, it, onTestFinished } from 'vitest'
import { makeMirrors } from '../../src/app/mirrors.ts'
import { makeDirectory } from '../../src/app/project-directory.ts'
import type { ServedProject } from '../../src/app/served-project.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/git.ts'

function served(id: number, name: string): ServedProject {
  const place = { path: `/srv/${id}`, repository: `/srv/${id}/.git` }
  return {
    project: { id, name, ...place, defaultBranch: 'main', variables: [], configPath: '.gitlab-ci.yml' },
    objects: { kind: 'mirrored', mirror: `/mirrors/${id}.git` },
    members: new Map(),
    triggers: [],
    refresh: () => Promise.resolve(),
  }
}

it.each([
  ['9', 9],
  ['09', 9],
  ['Group/App', 9],
  ['group/app', 10],
  ['GROUP/lib', 11],
  ['lib', undefined],
  ['99', undefined],
])('a project is found by number or path, whose case counts only between two: %s', (ref, id) => {
  const store = openStore(temporaryFolder(), { powerSafe: false })
  const mirrors = makeMirrors()
  onTestFinished(() => (mirrors.close(), store.close()))
  const directory = makeDirectory(store, mirrors)
  directory.serve([served(9, 'Group/App'), served(10, 'group/app'), served(11, 'group/lib')])
  expect(directory.find(ref)?.id).toBe(id)
})
