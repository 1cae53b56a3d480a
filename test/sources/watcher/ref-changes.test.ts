import { describe, expect, it } from 'vitest'
import type { KnownRef, RefChange } from '../../../src/model/ref-change.ts'
import type { RefTip } from '../../../src/platform/git.ts'
import { refChanges } from '../../../src/sources/watcher/ref-changes.ts'
import { wantedRefs } from '../../../src/sources/watcher/wanted-refs.ts'
import { concernsRefs, isRefFolder } from '../../../src/sources/watcher/git-folders.ts'

const [a, b] = ['a'.repeat(40), 'b'.repeat(40)]
const branch = (name: string, sha: string): RefTip => ({ name, tag: false, sha })
const tag = (name: string, sha: string): RefTip => ({ name, tag: true, sha })

describe('what moved', () => {
  it.each<[string, [string, KnownRef][], RefTip[], RefChange[]]>([
    ['nothing', [['refs/heads/main', { sha: a, moves: 1 }]], [branch('main', a)], []],
    ['a new branch', [], [branch('main', a)], [{ name: 'refs/heads/main', from: null, to: a, moves: 0 }]],
    [
      'a branch, back or ahead',
      [['refs/heads/main', { sha: a, moves: 3 }]],
      [branch('main', b)],
      [{ name: 'refs/heads/main', from: a, to: b, moves: 3 }],
    ],
    [
      'a tag beside a branch of that name',
      [['refs/heads/v1', { sha: a, moves: 1 }]],
      [branch('v1', a), tag('v1', a)],
      [{ name: 'refs/tags/v1', from: null, to: a, moves: 0 }],
    ],
    [
      'a branch that was deleted',
      [['refs/heads/x', { sha: a, moves: 1 }]],
      [],
      [{ name: 'refs/heads/x', from: a, to: null, moves: 1 }],
    ],
    ['one that was deleted before', [['refs/heads/x', { sha: null, moves: 2 }]], [], []],
    [
      'one that came back',
      [['refs/heads/x', { sha: null, moves: 2 }]],
      [branch('x', a)],
      [{ name: 'refs/heads/x', from: null, to: a, moves: 2 }],
    ],
  ])('%s', (_title, known, tips, changes) => {
    expect(refChanges(new Map(known), tips)).toEqual(changes)
  })
})

describe('which refs start pipelines', () => {
  it.each<[string, Parameters<typeof wantedRefs>[0], string[], string[]]>([
    ['all', { branches: 'all', tags: 'all' }, ['refs/heads/a/b', 'refs/tags/v1'], []],
    ['tags only', { branches: 'none', tags: 'all' }, ['refs/tags/v1'], ['refs/heads/v1']],
    [
      'names',
      { branches: ['main'], tags: 'none' },
      ['refs/heads/main'],
      ['refs/heads/maintenance', 'refs/heads/x/main'],
    ],
    [
      'wildcards',
      { branches: ['release/*', '*-stable'], tags: ['v*'] },
      ['refs/heads/release/1/2', 'refs/heads/16-stable', 'refs/tags/v1'],
      ['refs/heads/main', 'refs/tags/1'],
    ],
    [
      'expressions',
      { branches: ['/^(main|dev)$/'], tags: ['/^V\\d/i'] },
      ['refs/heads/dev', 'refs/tags/v2'],
      ['refs/heads/devel', 'refs/tags/version'],
    ],
  ])('%s', (_title, rules, inside, outside) => {
    const isWanted = wantedRefs(rules)
    expect(inside.filter(isWanted)).toEqual(inside)
    expect(outside.filter(isWanted)).toEqual([])
  })
})

describe('which files tell of refs', () => {
  it.each([
    ['/r/.git/refs/heads/main', true],
    ['/r/.git/refs/heads/main.lock', false],
    ['/r/.git/packed-refs', true],
    ['/r/.git/HEAD', true],
    ['/r/.git/reftable/tables.list', true],
    ['/r/.git/index', false],
    ['/r/.git/objects/ab', false],
    ['/r/.git/FETCH_HEAD', false],
  ])('%s: %s', (path, concerns) => expect(concernsRefs('/r/.git', path)).toBe(concerns))

  it.each([
    ['/r/.git', true],
    ['/r/.git/refs', true],
    ['/r/.git/refs/heads/feature', true],
    ['/r/.git/refs/remotes', false],
    ['/r/.git/objects', false],
    ['/r/.git/logs', false],
  ])('watches the folder %s: %s', (path, watched) => expect(isRefFolder('/r/.git', path)).toBe(watched))
})
