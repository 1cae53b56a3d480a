import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryOf, treeRows } from '../../src/platform/git-objects.ts'
import type { TreeEntry } from '../../src/platform/git-objects.ts'
import { makeObject } from '../../src/platform/loose-object.ts'
import { editTree } from '../../src/platform/tree-edit.ts'
import type { TreeEdit } from '../../src/platform/tree-edit.ts'
import { makeRepository } from '../support/git.ts'

// `printf '' | git hash-object -t tree --stdin`
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const file: TreeEntry = { mode: '100644', id: Buffer.from('c1b0730e01334d68f7a5c3b5cf1a0f4c0a7d1d0f', 'hex') }

/** Trees in memory, kept over several edits. */
function treeStore(): {
  edit(base: string | null, edits: readonly TreeEdit[]): Promise<string>
  list(id: string): string[]
  made: number
} {
  const trees = new Map<string, Buffer>()
  const content = (id: string): Buffer => trees.get(id) ?? Buffer.alloc(0)
  const list = (id: string, prefix = ''): string[] =>
    [...treeRows(content(id), 40)].flatMap((row) => {
      const entry = entryOf(content(id), row)
      const path = `${prefix}${row.name}`
      return row.folder ? list(entry.id.toString('hex'), `${path}/`) : [`${entry.mode} ${path}`]
    })
  const store = {
    made: 0,
    list: (id: string) => list(id),
    edit: async (base: string | null, edits: readonly TreeEdit[]) => {
      const { id, made } = await editTree({ base, edits, idLength: 40, read: async (tree) => content(tree) })
      for (const object of made) trees.set(object.id, object.stored.subarray(object.stored.indexOf(0) + 1))
      store.made = made.length
      return id
    },
  }
  return store
}

const put = (...paths: string[]): TreeEdit[] => paths.map((path) => ({ path, entry: file }))
const drop = (...paths: string[]): TreeEdit[] => paths.map((path) => ({ path, entry: null }))

describe('editTree', () => {
  it.each<[string, string[], TreeEdit[], string[]]>([
    ['adds', ['a'], put('b', 'd/e/f'), ['a', 'b', 'd/e/f']],
    ['deletes, and folders that become empty', ['a', 'd/e/f', 'd/g'], drop('d/e/f'), ['a', 'd/g']],
    ['deletes everything', ['a', 'd/e/f'], drop('a', 'd/e/f'), []],
    [
      'puts a file where a folder was',
      ['a/b', 'a/c/d', 'e'],
      [...drop('a/b', 'a/c/d'), ...put('a')],
      ['a', 'e'],
    ],
    ['puts a folder where a file was', ['a', 'e'], [...drop('a'), ...put('a/b/c')], ['a/b/c', 'e']],
    [
      'orders as git does, a folder as if it ended with a slash',
      [],
      put('a.b', 'a/x', 'a-b', 'a0', 'B'),
      ['B', 'a-b', 'a.b', 'a/x', 'a0'],
    ],
  ])('%s', async (_, before, edits, after) => {
    const store = treeStore()
    const base = await store.edit(null, put(...before))
    const id = await store.edit(before.length === 0 ? null : base, edits)
    expect(store.list(id)).toEqual(after.map((path) => `100644 ${path}`))
    expect(id === emptyTree).toBe(after.length === 0)
  })

  it('makes only the trees on the way to a change', async () => {
    const store = treeStore()
    const base = await store.edit(null, put('a/b/c', 'a/d/e', 'f/g'))
    expect(store.made).toBe(5)
    await store.edit(base, put('a/b/new'))
    expect(store.made).toBe(3)
  })

  it('gives the ids that git gives', async () => {
    const { git } = makeRepository({
      files: {
        a: 'x',
        'd.e': 'x',
        'd/e': 'x',
        'd/run': { executable: 'x' },
        'd0/l': { link: 'x' },
        'ü/ö': 'x',
      },
    })
    const x = Buffer.from(git('rev-parse', 'HEAD:a'), 'hex')
    const at = (path: string, mode = '100644'): TreeEdit => ({
      path: Buffer.from(path).toString('latin1'),
      entry: { mode, id: x },
    })
    const edits = [at('a'), at('d.e'), at('d/e'), at('d/run', '100755'), at('d0/l', '120000'), at('ü/ö')]
    expect(await treeStore().edit(null, edits)).toBe(git('rev-parse', 'HEAD^{tree}'))
    expect(makeObject('tree', Buffer.alloc(0), 40).id).toBe(emptyTree)
    expect(makeObject('tree', Buffer.alloc(0), 64).id).toBe(
      '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
    )
  })

  it('comes to the same tree by any way', async () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'a.', 'a0'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'))
    // No path may be the folder of another one.
    const files = fc
      .uniqueArray(path, { maxLength: 8 })
      .map((paths) => paths.filter((one) => !paths.some((other) => one.startsWith(`${other}/`))))
    await fc.assert(
      fc.asyncProperty(files, files, async (before, after) => {
        const store = treeStore()
        const base = await store.edit(null, put(...before))
        const edits = [...drop(...before.filter((one) => !after.includes(one))), ...put(...after)]
        expect(await store.edit(base, edits)).toBe(await treeStore().edit(null, put(...after)))
      }),
      { numRuns: 200 },
    )
  })
})
