import { expect, it } from 'vitest'
import { parseStatus } from '../../src/platform/work-tree-status.ts'
import type { WorkTreeStatus } from '../../src/platform/work-tree-status.ts'

const sha = 'a'.repeat(40)
const ours = 'b'.repeat(40)
const clean: WorkTreeStatus = {
  headSha: sha,
  staged: false,
  changed: [],
  deleted: [],
  untracked: [],
  nested: [],
  dirtySubmodules: [],
}
const tracked = (xy: string, sub: string, path: string): string =>
  `1 ${xy} ${sub} 100644 100644 100644 ${sha} ${ours} ${path}`

// The lines are those of git-status(1), "Porcelain Format Version 2".
it.each<[string, string[], Partial<WorkTreeStatus>]>([
  [
    'clean, other headers',
    ['# branch.head main', '# branch.upstream origin/main', '# branch.ab +1 -0', '# stash 2'],
    {},
  ],
  ['modified', [tracked('.M', 'N...', 'a b')], { changed: [{ path: 'a b', indexId: ours }] }],
  ['kind changed', [tracked('.T', 'N...', 'a')], { changed: [{ path: 'a', indexId: ours }] }],
  ['added with --intent-to-add', [tracked('.A', 'N...', 'a')], { changed: [{ path: 'a', indexId: ours }] }],
  ['deleted', [tracked('.D', 'N...', 'a')], { deleted: ['a'] }],
  ['staged', [tracked('M.', 'N...', 'a')], { staged: true }],
  [
    'staged and modified again',
    [tracked('AM', 'N...', 'a')],
    { staged: true, changed: [{ path: 'a', indexId: ours }] },
  ],
  ['staged and deleted', [tracked('AD', 'N...', 'a')], { staged: true, deleted: ['a'] }],
  ['untracked', ['? x y', '? d/\nz'], { untracked: ['x y', 'd/\nz'] }],
  ['a repository inside', ['? vendor/x/'], { nested: ['vendor/x'] }],
  [
    'unmerged',
    [`u UU N... 100644 100644 100644 100644 ${sha} ${ours} ${sha} a b`],
    { staged: true, changed: [{ path: 'a b', indexId: ours }] },
  ],
  [
    'submodule at another commit',
    [tracked('.M', 'SC..', 'lib')],
    { changed: [{ path: 'lib', indexId: ours }] },
  ],
  ['submodule with changes inside', [tracked('.M', 'S.M.', 'lib')], { dirtySubmodules: ['lib'] }],
  ['submodule with new files inside', [tracked('.M', 'S..U', 'lib')], { dirtySubmodules: ['lib'] }],
  [
    'submodule with both',
    [tracked('.M', 'SCMU', 'lib')],
    { changed: [{ path: 'lib', indexId: ours }], dirtySubmodules: ['lib'] },
  ],
  ['submodule deleted', [tracked('.D', 'N...', 'lib')], { deleted: ['lib'] }],
])('%s', (_, lines, expected) => {
  const output = [`# branch.oid ${sha}`, ...lines].map((line) => `${line}\0`).join('')
  expect(parseStatus(Buffer.from(output))).toEqual({ ...clean, ...expected })
})

it('knows a repository without a commit, and names that are not UTF-8', () => {
  const output = Buffer.concat([
    Buffer.from('# branch.oid (initial)\0? '),
    Buffer.from([0xff, 0xe9]),
    Buffer.from('\0'),
  ])
  expect(parseStatus(output)).toEqual({ ...clean, headSha: null, untracked: ['\u00ff\u00e9'] })
})
