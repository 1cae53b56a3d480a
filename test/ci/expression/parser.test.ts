import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Expression, Operator } from '../../../src/ci/expression/expression.ts'
import { parseExpression } from '../../../src/ci/expression/parser.ts'
import { printExpression } from '../../../src/ci/expression/print.ts'

/** The tree with every parenthesis written, as GitLab's own specs show it: `or($A, and($B, $C))`. */
function tree(expression: Expression): string {
  switch (expression.kind) {
    case 'binary':
      return `${expression.operator}(${tree(expression.left)}, ${tree(expression.right)})`
    case 'not':
      return `!(${tree(expression.operand)})`
    default:
      return printExpression(expression)
  }
}

function parsed(text: string): string {
  const result = parseExpression(text)
  return result.ok ? tree(result.value) : `${result.error.message} at ${result.error.at}`
}

describe('the parser', () => {
  it.each([
    ['$VAR1 == "123"', '==($VAR1, "123")'],
    ['$VAR1 == "123" == $VAR2', '==(==($VAR1, "123"), $VAR2)'],
    ['$A =~ /xx/ == "y"', '==(=~($A, /xx/), "y")'],
    ['$VAR', '$VAR'],
    ['"some value"', '"some value"'],
    ['null', 'null'],
    ['$1x', '$1x'],
    ['$VAR1 || $VAR2 && $VAR3', '||($VAR1, &&($VAR2, $VAR3))'],
    ['$VAR1 && $VAR2 || $VAR3 && $VAR4', '||(&&($VAR1, $VAR2), &&($VAR3, $VAR4))'],
    ['$VAR1 && ($VAR2 || $VAR3) && $VAR4', '&&(&&($VAR1, ||($VAR2, $VAR3)), $VAR4)'],
    [
      '$A == "a" || $B == "b" && $C == "c" || $D == "d" && $E == "e"',
      '||(||(==($A, "a"), &&(==($B, "b"), ==($C, "c"))), &&(==($D, "d"), ==($E, "e")))',
    ],
    [
      '(($A == "a" || $B == "b") && $C == "c" || $D == "d") && $E == "e"',
      '&&(||(&&(||(==($A, "a"), ==($B, "b")), ==($C, "c")), ==($D, "d")), ==($E, "e"))',
    ],
    ['!$A == "x"', '==(!($A), "x")'],
    ['$A == !$B', '==($A, !($B))'],
    ['!($A && $B)', '!(&&($A, $B))'],
    ['!!$A', '!(!($A))'],
    ['$A=="x"&&$B!~/ab/i', '&&(==($A, "x"), !~($B, /ab/i))'],
    ['$A =~ /a\\/b/', '=~($A, /a\\/b/)'],
    ['$A == \'say "x"\'', '==($A, \'say "x"\')'],
    ['\t$A\n== "x" ', '==($A, "x")'],
    ['$[[ inputs.name ]] == "x"', '==($[[ inputs.name ]], "x")'],
    // GitLab reads reverse Polish notation; so must we.
    ['$A "b" ==', '==($A, "b")'],
    ['$A ! == "x"', '==(!($A), "x")'],
  ])('%s is %s', (text, expected) => {
    expect(parsed(text)).toBe(expected)
  })

  it.each([
    ['', 'Empty parse tree at 0'],
    ['()', 'Empty parse tree at 1'],
    ['$P == x', 'Unknown lexeme found! at 6'],
    ['$P == 1', 'Unknown lexeme found! at 6'],
    ['${P} == "x"', 'Unknown lexeme found! at 0'],
    ['$P = "x"', 'Unknown lexeme found! at 3'],
    ['$P == "x', 'Unknown lexeme found! at 6'],
    ['$P =~ /a/', 'Unknown lexeme found! at 6'],
    ['$P =~ /unclosed', 'Unknown lexeme found! at 6'],
    ['$P =~ /ab(/', 'Invalid regular expression! at 6'],
    ['$P == "a" &&', 'Invalid left operand at 10'],
    ['== "123"', 'Invalid left operand at 0'],
    ['$VAR ==', 'Invalid left operand at 5'],
    ['!', 'Invalid operand at 0'],
    ['$P == "a" "b"', 'Unreachable nodes in parse tree at 10'],
    ['$VAR "text"', 'Unreachable nodes in parse tree at 5'],
    ['$P)', 'Unmatched parenthesis at 2'],
    ['$VAR2 == ("aa"))', 'Unmatched parenthesis at 15'],
    ['($P', 'Unprocessable token found in parse tree: parenthesis_open at 0'],
    ['$VAR == (', 'Unprocessable token found in parse tree: parenthesis_open at 8'],
  ])('%s: %s', (text, expected) => {
    expect(parsed(text)).toBe(expected)
  })

  it('says what RE2 thinks of a pattern', () => {
    expect(parseExpression('$P =~ /a(?!b)/')).toMatchObject({
      ok: false,
      error: { message: 'Invalid regular expression!', at: 6, help: expect.stringContaining('(?!') },
    })
  })

  it('reads 99 tokens and refuses the hundredth, as GitLab does', () => {
    const chain = (count: number): string => Array.from({ length: count }, () => '$A').join(' || ')
    expect(parseExpression(chain(50))).toMatchObject({ ok: true }) // 99 tokens
    expect(parsed(`!${chain(50)}`)).toBe('Too many tokens! at 297')
    expect(parsed('('.repeat(100_000))).toBe('Too many tokens! at 100')
  })
})

const name = fc.stringMatching(/^\w{1,6}$/)
const value = fc.oneof(
  name.map((word): Expression => ({ kind: 'variable', name: word })),
  name.map((word): Expression => ({ kind: 'input', name: word })),
  fc.tuple(fc.constantFrom('"', "'"), fc.string({ unit: 'grapheme' })).map(([quote, text]): Expression => ({
    kind: 'string',
    value: text.replaceAll('\n', '').replaceAll(quote, ''),
  })),
  fc
    .tuple(
      fc.constantFrom('ab', 'a/b', '/', '//', '^v\\d+$', '\\\\/x', 'é😀'),
      fc.constantFrom('', 'i', 'ms'),
    )
    .map(([body, flags]): Expression => ({ kind: 'pattern', source: `/${body}/${flags}` })),
  fc.boolean().map((truth): Expression => ({ kind: 'boolean', value: truth })),
  fc.constant<Expression>({ kind: 'null' }),
)
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    value,
    tie('expression').map((operand): Expression => ({ kind: 'not', operand })),
    fc
      .tuple(
        fc.constantFrom<Operator>('==', '!=', '=~', '!~', '&&', '||'),
        tie('expression'),
        tie('expression'),
      )
      .map(([operator, left, right]): Expression => ({ kind: 'binary', operator, left, right })),
  ),
}))

describe('printing', () => {
  it('is undone by parsing', () => {
    fc.assert(
      fc.property(expression, (original) => {
        const again = parseExpression(printExpression(original))
        if (!again.ok && again.error.message === 'Too many tokens!') return
        expect(again).toEqual({ ok: true, value: original })
      }),
      { numRuns: 1500 },
    )
  })

  it.each([
    '$A == "x" && ($B || $C)',
    '!($A && $B)',
    '$A == ($B != null)',
    '($A || $B) == "x"',
    '$A =~ /a\\/b/i',
  ])('%s keeps its parentheses and no others', (text) => {
    const result = parseExpression(text)
    expect(result.ok && printExpression(result.value)).toBe(text)
  })
})

describe('any text', () => {
  it('is parsed or refused, quickly, with a place inside it', () => {
    const signs = fc.constantFrom(
      '$A',
      '"',
      "'",
      '/',
      '\\',
      '(',
      ')',
      '==',
      '=~',
      '!~',
      '!',
      '&&',
      '||',
      'null',
      'true',
      ' ',
      'i',
      '[',
      '*',
      '\n',
      'é',
      '$[[ inputs.a ]]',
    )
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 30 }), (parts) => {
        const text = parts.join('')
        const result = parseExpression(text)
        expect(result.ok ? 0 : result.error.at).toBeLessThanOrEqual(text.length)
        expect(result.ok ? parseExpression(printExpression(result.value)) : result).toEqual(result)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    '/'.repeat(50_000),
    `$A =~ /${'\\/'.repeat(50_000)}`,
    '"'.repeat(50_001),
    `$A =~ /${'a'.repeat(100_000)}/`,
    ' '.repeat(100_000),
  ])('a long one (%#) costs little', (text) => {
    const started = performance.now()
    parseExpression(text)
    expect(performance.now() - started).toBeLessThan(250)
  })
})
