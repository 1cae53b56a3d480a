import { describe, expect, it } from 'vitest'
import { findBlocks } from '../../../src/ci/inputs/block.ts'
import { load } from '../../../src/ci/load.ts'
import { shellEscape } from '../../../src/ci/inputs/shell-escape.ts'
import { messagesOf, jobsOf } from '../support.ts'

describe('blocks in a text', () => {
  it.each<[string, string[]]>([
    ['$[[ inputs.a ]]', ['inputs.a']],
    ['$[[inputs.a]] and $[[ inputs.b | f ]]', ['inputs.a', 'inputs.b | f']],
    ['$[[ x ]]', []],
    ['$[[ inputs.a', []],
    ['$[[\n inputs.a\n]]', ['inputs.a']],
    ['$[[ inputs.a\nb ]] $[[ inputs.c ]]', ['inputs.c']],
    ['$[[ $[[ inputs.a ]]', ['$[[ inputs.a']],
    ['$[[ inputs.a[0] ]]', ['inputs.a[0]']],
  ])('%j', (text, found) => {
    expect(findBlocks(text).map(({ data }) => data)).toEqual(found)
  })

  it('are found in one pass, however many begin and do not end', () => {
    const started = performance.now()
    expect(findBlocks('$[[ '.repeat(250_000))).toEqual([])
    expect(findBlocks(`${'$[[ a'.repeat(200_000)}\nb ]]`)).toEqual([])
    // A search that begins anew at each of them takes minutes.
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

// ruby -rshellwords -e 'puts Shellwords.shellescape(...)'
it.each([
  ['', "''"],
  ['a-b_c.d,e:f+g/h@i', 'a-b_c.d,e:f+g/h@i'],
  ['a b=é', 'a\\ b\\=\\é'],
  ["it's", "it\\'s"],
  ['a\nb', "a'\n'b"],
  ['$(x)', '\\$\\(x\\)'],
])('escapes %j for a shell', (text, escaped) => {
  expect(shellEscape(text)).toBe(escaped)
})

const file = (inputs: string, script: string): string =>
  `spec:\n  inputs: ${inputs}\n---\njob: {script: [${script}]}\n`

describe('limits', () => {
  it('an access has at most 1024 bytes', async () => {
    const long = `"$[[ inputs.${'a'.repeat(1100)} ]]"`
    expect(await messagesOf(file('{a: {default: x}}', long))).toEqual([
      'maximum interpolation expression size exceeded',
    ])
  })

  it('a text has at most 1 MiB', async () => {
    const long = `"${'a'.repeat(1024 * 1024 + 1)}"`
    expect(await messagesOf(file('{a: {default: x}}', long))).toEqual(['config node too large'])
  })

  it('a file has at most 10,000 different blocks', async () => {
    const blocks = Array.from(
      { length: 10_001 },
      (_, index) => `"$[[ inputs.a | truncate(0,${index}) ]]"`,
    ).join(', ')
    expect(await messagesOf(file('{a: {default: x}}', blocks))).toEqual(['too many interpolation blocks'])
  })

  it('lists put into lists do not grow without end', async () => {
    const twice = 'inputs: {x: ["$[[ inputs.x ]]", "$[[ inputs.x ]]"]}'
    const text = `spec: {inputs: {x: {type: array}}}\n---\ninclude: {local: a.yml, ${twice}}\n`
    const root = { path: 'root.yml', text: 'include: {local: a.yml, inputs: {x: [1]}}' }
    const loaded = await load(root, () => Promise.resolve(text))
    expect(loaded.ok ? [] : loaded.error.diagnostics.map(({ message }) => message)).toEqual([
      '`a.yml`: config too large',
    ])
  })
})

it('values are not expanded again', async () => {
  const text = file('{a: {default: "$[[ inputs.b ]]"}, b: {default: x}}', '"echo $[[ inputs.a ]]"')
  expect(await jobsOf(text)).toEqual(['job'])
})

it('a file without header keeps what looks like a block', async () => {
  expect(await jobsOf('"job $[[ inputs.a ]]": {script: x}')).toEqual(['job $[[ inputs.a ]]'])
})
