import { describe, expect, it } from 'vitest'
import { findTreeEntry, parseCommit, parseTagMessage, treeRows } from '../../src/platform/git-objects.ts'

const sha = 'c'.repeat(40)

describe('parseCommit', () => {
  it('reads people, parents, times in their own offset and the whole message', () => {
    const text = [
      `tree ${'1'.repeat(40)}`,
      `parent ${'2'.repeat(40)}`,
      `parent ${'3'.repeat(40)}`,
      'author Ada  Lovelace <ada@example.com> 1482594674 +0100',
      'committer Grace <grace@example.com> 1482594674 -0330',
      'gpgsig -----BEGIN PGP SIGNATURE-----',
      ' ',
      ' parent of nothing',
      ' -----END PGP SIGNATURE-----',
      '',
      'Title ü',
      '',
      'Body',
      '',
    ].join('\n')
    expect(parseCommit(sha, Buffer.from(text))).toEqual({
      sha,
      parents: ['2'.repeat(40), '3'.repeat(40)],
      message: 'Title ü\n\nBody\n',
      authorName: 'Ada  Lovelace',
      authorEmail: 'ada@example.com',
      // http-api.md: `2016-12-24T16:51:14+01:00`
      authoredAt: '2016-12-24T16:51:14+01:00',
      committerName: 'Grace',
      committerEmail: 'grace@example.com',
      committedAt: '2016-12-24T12:21:14-03:30',
    })
  })

  it('decodes a commit that says its encoding', () => {
    const text = Buffer.from(
      'author J\xfcrgen <j@x> 0 +0000\ncommitter J\xfcrgen <j@x> 0 +0000\nencoding ISO-8859-1\n\ngr\xfcn\n',
      'latin1',
    )
    const commit = parseCommit(sha, text)
    expect([commit.authorName, commit.message]).toEqual(['Jürgen', 'grün\n'])
  })

  it.each([
    [
      'an unknown encoding',
      'author A <a> 0 +0000\nencoding klingon\n\nx\xff',
      'A',
      '1970-01-01T00:00:00+00:00',
      'x�',
    ],
    ['no name', 'author <a@b> 86400 +0000\n\nm', '', '1970-01-02T00:00:00+00:00', 'm'],
    ['no time', 'author A <a@b>\n\nm', 'A', '1970-01-01T00:00:00+00:00', 'm'],
    [
      'a time beyond all calendars',
      'author A <a@b> 99999999999999999 +0000\n\nm',
      'A',
      '1970-01-01T00:00:00+00:00',
      'm',
    ],
    ['no author and no message', 'tree x', '', '1970-01-01T00:00:00+00:00', ''],
  ])('survives %s', (_, text, name, at, message) => {
    const commit = parseCommit(sha, Buffer.from(text, 'latin1'))
    expect([commit.authorName, commit.authoredAt, commit.message]).toEqual([name, at, message])
  })
})

it.each([
  ['object x\ntype commit\ntag v1\ntagger A <a> 0 +0000\n\nRelease\n', 'Release'],
  ['object x\n\nRelease\n\nnotes\n\n', 'Release\n\nnotes'],
  [
    'object x\n\nsigned\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n',
    'signed\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----',
  ],
  ['object x\n\n', ''],
])('parseTagMessage %j', (text, message) => expect(parseTagMessage(Buffer.from(text))).toBe(message))

describe('tree objects', () => {
  const entry = (mode: string, name: string, id: string): Buffer =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
  // The first id holds the bytes of ` b\0`, which must not be taken for an entry.
  const tricky = '20620020620020620020620020620020620020aa'
  const tree = Buffer.concat([
    entry('100644', 'a', tricky),
    entry('120000', 'b c', 'b'.repeat(40)),
    entry('40000', 'ü', 'd'.repeat(40)),
  ])

  it('are walked entry by entry', () => {
    expect([...treeRows(tree, 40)]).toEqual([
      { name: 'a', folder: false, start: 0, idStart: 9, end: 29 },
      { name: 'b c', folder: false, start: 29, idStart: 40, end: 60 },
      // latin1: one character for each byte.
      { name: '\u00c3\u00bc', folder: true, start: 60, idStart: 69, end: 89 },
    ])
    expect([...treeRows(Buffer.alloc(0), 40)]).toEqual([])
  })

  it.each([
    ['a', '100644', tricky],
    ['b c', '120000', 'b'.repeat(40)],
    ['\u00c3\u00bc', '40000', 'd'.repeat(40)],
  ])('have an entry %j', (name, mode, id) => {
    expect(findTreeEntry(tree, name, 40)).toEqual({ mode, id: Buffer.from(id, 'hex') })
  })

  it.each(['b', '', 'c', 'A'])('have no entry %j', (name) => {
    expect(findTreeEntry(tree, name, 40)).toBeUndefined()
  })

  it('may have the longer ids of sha256', () => {
    const long = Buffer.concat([entry('100644', 'a', 'a'.repeat(64)), entry('100755', 'b', 'b'.repeat(64))])
    expect(findTreeEntry(long, 'b', 64)).toEqual({ mode: '100755', id: Buffer.from('b'.repeat(64), 'hex') })
  })

  it('are refused when they are cut off', () => {
    for (const length of [3, 8, 20]) {
      expect(() => findTreeEntry(tree.subarray(0, length), 'x', 40)).toThrow('damaged')
    }
  })
})
