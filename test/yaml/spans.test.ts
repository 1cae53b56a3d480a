import { describe, expect, it } from 'vitest'
import type { YamlNode } from '../../src/yaml/node.ts'
import { parseYaml } from '../../src/yaml/parse.ts'

/** What each node covers, in document order, keys included; an empty scalar as the text in front of it with a bar. */
function covered(text: string): string[] {
  const parsed = parseYaml(text, 'a.yml')
  if (!parsed.ok) throw new Error(parsed.error.message)
  const [root] = parsed.value.documents
  return root ? slices(root, text) : []
}

function slices(node: YamlNode, text: string): string[] {
  const { start, end } = node.span
  const own = start === end ? `${text.slice(Math.max(0, start - 3), start)}|` : text.slice(start, end)
  if (node.kind === 'sequence') return [own, ...node.items.flatMap((item) => slices(item, text))]
  if (node.kind !== 'mapping') return [own]
  return [
    own,
    ...Array.from(node.entries.values()).flatMap(({ key, value }) => [
      ...slices(key, text),
      ...slices(value, text),
    ]),
  ]
}

describe('every node knows where it was written', () => {
  it.each([
    ['plain scalars', 'a: b c # x\nd: 1\n', ['a: b c # x\nd: 1', 'a', 'b c', 'd', '1']],
    ['quoted scalars with their quotes', `'a': "b"\n`, [`'a': "b"`, `'a'`, '"b"']],
    [
      'a plain scalar over lines',
      'a: b\n  c\n\n  d\ne: f',
      ['a: b\n  c\n\n  d\ne: f', 'a', 'b\n  c\n\n  d', 'e', 'f'],
    ],
    [
      'block scalars from their indicator to their last word',
      'a: |-\n  b\n  c  \n\nd: >\n',
      ['a: |-\n  b\n  c  \n\nd: >', 'a', '|-\n  b\n  c', 'd', '>'],
    ],
    [
      'nothing, behind its indicator',
      'a:\nb:   # x\nc: [x: ]\nd:\n-\n- 1',
      [
        'a:\nb:   # x\nc: [x: ]\nd:\n-\n- 1',
        'a',
        'a:|',
        'b',
        '\nb:|',
        'c',
        '[x: ]',
        'x:',
        'x',
        '[x:|',
        'd',
        '-\n- 1',
        ':\n-|',
        '1',
      ],
    ],
    ['sequences', '- a\n- - b\n  - c\n', ['- a\n- - b\n  - c', 'a', '- b\n  - c', 'b', 'c']],
    [
      'flow collections with their brackets',
      'a: [b, {c: d}] # x',
      ['a: [b, {c: d}]', 'a', '[b, {c: d}]', 'b', '{c: d}', 'c', 'd'],
    ],
    [
      'anchors and tags are outside',
      'a: &x !t b\n&k c: &m\n  d: e\n',
      ['a: &x !t b\n&k c: &m\n  d: e', 'a', 'b', 'c', 'd: e', 'd', 'e'],
    ],
    ['!reference', 'a: !reference [b, c]', ['a: !reference [b, c]', 'a', '[b, c]']],
    [
      'comments behind a collection are not its own',
      'a:\n  b: c\n  # x\nd: e\n',
      ['a:\n  b: c\n  # x\nd: e', 'a', 'b: c', 'b', 'c', 'd', 'e'],
    ],
    ['Windows line ends', 'a: b\r\nc:\r\n  - d\r\n', ['a: b\r\nc:\r\n  - d', 'a', 'b', 'c', '- d', 'd']],
    ['a byte order mark', '\ufeffa: b', ['a: b', 'a', 'b']],
    [
      'characters outside the basic plane',
      '"🎉": é # x\nb: 🎉🎉',
      ['"🎉": é # x\nb: 🎉🎉', '"🎉"', 'é', 'b', '🎉🎉'],
    ],
    ['behind a divider', '# x\n---\na: b\n', ['a: b', 'a', 'b']],
    ['explicit keys, read by the general reader', '? a\n: b\nc:\n', ['? a\n: b\nc:', 'a', 'b', 'c', '\nc:|']],
    [
      'behind a divider, read by the general reader',
      '# x\n---\n? a\n: [b]\n',
      ['? a\n: [b]', 'a', '[b]', 'b'],
    ],
  ])('%s', (_, text, expected) => {
    expect(covered(text)).toEqual(expected)
  })

  it('an alias is the very node of its anchor; a merged entry is the entry of its source', () => {
    const parsed = parseYaml('a: &x {k: v}\nb: *x\nc:\n  <<: *x\n', 'a.yml')
    const root = parsed.ok ? parsed.value.documents[0] : undefined
    if (root?.kind !== 'mapping') throw new Error('no mapping')
    const [a, b, c] = ['a', 'b', 'c'].map((key) => root.entries.get(key)?.value)
    expect(b).toBe(a)
    if (a?.kind !== 'mapping' || c?.kind !== 'mapping') throw new Error('no mappings')
    expect(c.entries.get('k')).toBe(a.entries.get('k'))
  })

  it('a second document has the offsets of the file', () => {
    const text = 'spec: {}\n---\njob: x\n'
    const parsed = parseYaml(text, 'a.yml')
    const spans = parsed.ok ? parsed.value.documents.map(({ span }) => text.slice(span.start, span.end)) : []
    expect(spans).toEqual(['spec: {}', 'job: x'])
  })
})
