import { describe, expect, it } from 'vitest'
import { DEFAULT_YAML_LIMITS } from '../../src/yaml/limits.ts'
import { parseYaml } from '../../src/yaml/parse.ts'

function messageOf(text: string, limits = DEFAULT_YAML_LIMITS): string | undefined {
  const parsed = parseYaml(text, 'a.yml', limits)
  return parsed.ok ? undefined : parsed.error.message
}

/** Nine anchors, each ten times the one before: a thousand million nodes. */
function billionLaughs(): string {
  const lines = ['a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]']
  for (let i = 1; i < 9; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  return lines.join('\n')
}

function mergeBomb(): string {
  const lines = [`a0: &a0 {${Array.from({ length: 100 }, (_, i) => `k${i}: v`).join(', ')}}`]
  for (let i = 1; i < 30; i++)
    lines.push(
      `a${i}: &a${i} {<<: [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}], n${i}: [*a${i - 1}, *a${i - 1}]}`,
    )
  return lines.join('\n')
}

const TOO_BIG = 'The parsed YAML is too big'

describe('limits, in the words of GitLab', () => {
  it.each([
    ['a file over 2 MiB', `a: "${'x'.repeat(2 * 1024 * 1024)}"`, 'The provided YAML is too big'],
    ['a file over 2 MiB that is no YAML', '['.repeat(2 * 1024 * 1024 + 1), 'The provided YAML is too big'],
    ['bytes count, not characters', `a: ${'é'.repeat(1024 * 1024)}`, 'The provided YAML is too big'],
    ['101 sequences inside each other', `${'['.repeat(101)}${']'.repeat(101)}`, TOO_BIG],
    ['101 mappings inside each other', '{a: '.repeat(101) + '}'.repeat(101), TOO_BIG],
    [
      '101 levels of indentation',
      Array.from({ length: 102 }, (_, i) => `${' '.repeat(i)}k:`).join('\n'),
      TOO_BIG,
    ],
    ['dashes without end', '- '.repeat(500_000), TOO_BIG],
    ['brackets without end', '['.repeat(1_000_000), TOO_BIG],
    ['brackets without end in rare syntax', `? a\n: ${'['.repeat(1_000_000)}`, TOO_BIG],
    ['keys inside keys in rare syntax', '? '.repeat(500_000), TOO_BIG],
    [
      'a depth that aliases add up to',
      `a: &a ${'['.repeat(60)}${']'.repeat(60)}\nb: ${'['.repeat(50)}*a${']'.repeat(50)}`,
      TOO_BIG,
    ],
    ['a billion laughs', billionLaughs(), TOO_BIG],
    ['a billion merges', mergeBomb(), TOO_BIG],
    ['a list that contains itself', 'a: &a [*a]', TOO_BIG],
    ['a mapping that contains itself', 'a: &a\n  b:\n    c: *a', TOO_BIG],
    ['more nodes than allowed', `a: [${'1,'.repeat(1_000_000)}]`, TOO_BIG],
    ['three documents', 'a: 1\n---\nb: 2\n---\nc: 3\n', 'The parsed YAML has too many documents'],
    [
      'three documents behind a divider',
      '---\na: 1\n---\nb: 2\n---\nc: 3\n',
      'The parsed YAML has too many documents',
    ],
  ])('%s', (_, text, message) => {
    expect(messageOf(text)).toBe(message)
  })

  it.each([
    ['100 sequences inside each other', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['one anchor used 2,000 times', `a: &a {b: 1}\nc:\n${'  - *a\n'.repeat(2_000)}`],
    [
      'one anchor merged 2,000 times',
      `.a: &a {b: 1}\n${Array.from({ length: 2_000 }, (_, i) => `j${i}:\n  <<: *a\n`).join('')}`,
    ],
    ['20,000 keys in one mapping', Array.from({ length: 20_000 }, (_, i) => `k${i}: v`).join('\n')],
    ['two documents', 'spec:\n  inputs: {}\n---\na: 1\n'],
    ['two documents and a blank one', '---\nspec:\n---\na: 1\n---\n# nothing\n'],
  ])('%s: allowed', (_, text) => {
    expect(messageOf(text)).toBeUndefined()
  })

  it('takes other limits', () => {
    const limits = { bytes: 20, depth: 2, nodes: 5, documents: 1 }
    expect(messageOf('a: [1]', limits)).toBeUndefined()
    expect(messageOf('a: [[1]]', limits)).toBe(TOO_BIG)
    expect(messageOf('[1, 2, 3, 4, 5]', limits)).toBe(TOO_BIG)
    expect(messageOf('a: 1\n---\nb: 2', limits)).toBe('The parsed YAML has too many documents')
    expect(messageOf('a: 1 # and a comment', limits)).toBeUndefined()
    expect(messageOf('a: 1 # and a comment.', limits)).toBe('The provided YAML is too big')
  })
})

describe('hostile files are answered at once', () => {
  it.each([
    ['alias bomb', billionLaughs()],
    ['merge bomb', mergeBomb()],
    ['brackets', '['.repeat(1_000_000)],
    ['brackets in rare syntax', `? a\n: ${'['.repeat(1_000_000)}`],
    ['an over-size file', `a: "${'x'.repeat(8 * 1024 * 1024)}"`],
    ['a circle', 'a: &a [*a]'],
  ])('%s', (_, text) => {
    const times = Array.from({ length: 3 }, () => {
      const start = performance.now()
      messageOf(text)
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(100)
  })
})
