import fc from 'fast-check'

// Generators of YAML in the syntax that both readers know, as lists of lines.

const word = fc.stringMatching(/^[a-z][a-z0-9_.$/-]{0,8}$/)
const plain = fc.oneof(
  word,
  fc.tuple(word, word).map(([a, b]) => `${a} ${b}`),
  fc.constantFrom(
    'yes',
    '010',
    '1.10',
    '1:30',
    '~',
    'null',
    '1e3',
    '0x1f',
    '1,000',
    '-1',
    '.5',
    'a#b',
    'a:b',
    '$X == "y"',
    "it's",
  ),
)
const quoted = fc.oneof(
  fc.string({ maxLength: 12 }).map((text) => JSON.stringify(text.replace(/[^\x20-\x7e]/g, ''))),
  word.map((text) => `'${text} ''${text}'''`),
)
const flow: fc.Arbitrary<string> = fc.letrec<{ node: string; sequence: string; mapping: string }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, fc.oneof(word, quoted), tie('sequence'), tie('mapping')),
  sequence: fc.array(tie('node'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  mapping: fc
    .uniqueArray(fc.tuple(word, tie('node')), { maxLength: 3, selector: ([key]) => key })
    .map((pairs) => `{${pairs.map(([key, node]) => `${key}: ${node}`).join(', ')}}`),
})).node
const comment = fc.constantFrom('', '', '', ' # a comment', '   #')
const blankLine = fc.constantFrom([], [], [], [''], ['# a comment'], ['', ''])

const inline = fc
  .tuple(fc.constantFrom('', '', '', '&anchor ', '!tag '), fc.oneof(plain, quoted, flow), comment)
  .map(([front, text, end]) => `${front}${text}${end}`)

const literal = fc
  .tuple(
    fc.constantFrom('|', '|-', '|+', '>', '>-'),
    fc.array(fc.constantFrom('text', 'more text', '', '  indented', '# no comment', 'a: b'), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([header, lines]) => [
    header,
    ...['first', ...lines].map((line) => (line === '' ? '' : `  ${line}`)),
    '  last',
  ])

/** A block collection or, when deep enough, one line. */
export function block(depth: number): fc.Arbitrary<string[]> {
  return depth > 3 ? inline.map((text) => [text]) : fc.oneof(mapping(depth), sequence(depth))
}

function mapping(depth: number): fc.Arbitrary<string[]> {
  const pair = fc
    .tuple(blankLine, word, value(depth))
    .map(([blank, key, { here, below }]) => [...blank, `${key}:${here}`, ...below])
  return fc.array(pair, { minLength: 1, maxLength: 4 }).map((pairs) => pairs.flat())
}

function sequence(depth: number): fc.Arbitrary<string[]> {
  const item = fc.oneof(
    value(depth).map(({ here, below }) => [`-${here}`, ...below]),
    fc
      .constant(0)
      .chain(() => block(depth + 1))
      .map(([first = '', ...rest]) =>
        first === '' || first.startsWith('#') ? ['- x'] : [`- ${first}`, ...indented(rest, '  ')],
      ),
  )
  return fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.flat())
}

interface Value {
  readonly here: string
  readonly below: readonly string[]
}

function value(depth: number): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 4, arbitrary: inline.map((text) => ({ here: ` ${text}`, below: [] })) },
    { weight: 1, arbitrary: comment.map((text) => ({ here: text, below: [] })) },
    {
      weight: 1,
      arbitrary: literal.map(([header = '', ...lines]) => ({ here: ` ${header}`, below: lines })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          comment,
          fc.constantFrom('  ', '    '),
          fc.constant(0).chain(() => block(depth + 1)),
        )
        .map(([text, indent, lines]) => ({ here: text, below: indented(lines, indent) })),
    },
  )
}

function indented(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => (line === '' ? '' : indent + line))
}
