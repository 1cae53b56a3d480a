import { describe, expect, it } from 'vitest'
import { parseDotenv } from '../../src/pipeline/dotenv.ts'

const LIMITS = { dotenvBytes: 5120, dotenvVariables: 150 }
const parse = (...files: string[]) => {
  const read = parseDotenv(
    files.map((file) => Buffer.from(file)),
    LIMITS,
  )
  return read.ok ? read.value.map(({ key, value }) => [key, value]) : read.error
}

describe('a dotenv report', () => {
  it.each<[string, string[], string[][]]>([
    ['lines', ['A=1\nB=2\n'], [['A', '1'], ['B', '2']]],
    ['no line feed at the end', ['A=1'], [['A', '1']]],
    ['the first = splits', ['A=b=c\n'], [['A', 'b=c']]],
    ['both sides are stripped', ['  A \t=  b c  \r\n'], [['A', 'b c']]],
    ['quotes stay', ['A="x y"\n'], [['A', '"x y"']]],
    ['a dollar stays', ['A=$B\n'], [['A', '$B']]],
    ['an empty value', ['A=\n'], [['A', '']]],
    ['the last of a key wins, in the place of the first', ['A=1\nB=2\nA=3\n'], [['A', '3'], ['B', '2']]],
    ['digits and underscores', ['1_a=x\n'], [['1_a', 'x']]],
    ['several files', ['A=1', 'B=2'], [['A', '1'], ['B', '2']]],
    ['nothing at all', [''], []],
    ['a byte order mark', ['\uFEFFA=1\n'], [['A', '1']]],
  ])('%s', (_, files, expected) => {
    expect(parse(...files)).toEqual(expected)
  }) // prettier-ignore

  it.each([
    ['an empty line', 'A=1\n\nB=2\n', 'Invalid Format'],
    ['a comment', '# comment\nA=1\n', 'Invalid Format'],
    ['a second line of a value', 'A="x\ny"\n', 'Invalid Format'],
    ['export', 'export A=1\n', "Validation failed: Key can contain only letters, digits and '_'."],
    ['a dash', 'A-B=1\n', "Validation failed: Key can contain only letters, digits and '_'."],
    [
      'no key',
      '=1\n',
      "Validation failed: Key can't be blank, Key can contain only letters, digits and '_'.",
    ],
    [
      'a long key',
      `${'A'.repeat(256)}=1\n`,
      'Validation failed: Key is too long (maximum is 255 characters)',
    ],
    ['5120 bytes', `A=${'x'.repeat(5117)}\n`, 'Dotenv Artifact Too Big. Maximum Allowable Size: 5120'],
    [
      '151 variables',
      Array.from({ length: 151 }, (_, index) => `V${index}=1\n`).join(''),
      'Dotenv files cannot have more than 150 variables',
    ],
  ])('%s is refused', (_, file, message) => {
    expect(parse(file)).toBe(message)
  })

  it('takes 5119 bytes and 150 variables', () => {
    expect(parse(`A=${'x'.repeat(5116)}\n`)).toHaveLength(1)
    expect(parse(Array.from({ length: 150 }, (_, index) => `V${index}=1\n`).join(''))).toHaveLength(150)
  })

  it('reads what PowerShell writes', () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('A=é\r\n', 'utf16le')])
    const read = parseDotenv([utf16], LIMITS)
    expect(read.ok && read.value[0]).toMatchObject({ key: 'A', value: 'é', raw: false, origin: 'dotenv' })
  })
})
