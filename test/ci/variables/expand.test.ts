import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  expandAll,
  expandExisting,
  expandForRunner,
  lookupIn,
  sortAndExpand,
} from '../../../src/ci/variables/expand.ts'
import { sortByReference } from '../../../src/ci/variables/sort.ts'
import { variable, type Variable } from '../../../src/model/variable.ts'
import { askRuby, hasRuby } from '../../oracles/ruby.ts'

const lookup = (name: string): string | undefined =>
  ({ A: 'a', B: '$A', EMPTY: '', x_1: 'x', '10': 'ten', 'A-B': 'odd', '-': 'dash' })[name]

describe('GitLab expand', () => {
  it.each([
    ['key', 'key', 'key'],
    ['key$A', 'keya', 'keya'],
    ['key${A}', 'keya', 'keya'],
    ['key%A%', 'keya', 'keya'],
    ['$A${A}%A%', 'aaa', 'aaa'],
    ['$B', '$A', '$A'], // once only
    ['[$EMPTY]', '[]', '[]'],
    ['[$UNDEFINED]', '[]', '[$UNDEFINED]'],
    ['[${UNDEFINED}]', '[]', '[${UNDEFINED}]'],
    ['[%UNDEFINED%]', '[]', '[%UNDEFINED%]'],
    ['%A%%UNDEFINED%', 'a', 'a%UNDEFINED%'],
    ['$x_1y', '', '$x_1y'],
    ['$x_1-y', 'x-y', 'x-y'],
    ['$1 ${} ${A-B} $ % %% ${A', '$1 ${} ${A-B} $ % %% ${A', '$1 ${} ${A-B} $ % %% ${A'],
    ['$$A', '$a', '$a'],
    ['100% of $A%', '100% of a%', '100% of a%'],
  ])('%s: %s, or %s where only existing ones are expanded', (text, all, existing) => {
    expect(expandAll(text, lookup)).toBe(all)
    expect(expandExisting(text, lookup)).toBe(existing)
  })

  it('takes the last definition of a name', () => {
    expect(expandAll('$A', lookupIn([variable('A', '1', 'global'), variable('A', '2', 'job')]))).toBe('2')
  })

  it('puts replacement signs in as they are', () => {
    expect(expandAll('$A', () => "$& $1 $'")).toBe("$& $1 $'")
  })
})

describe('the runner’s expand', () => {
  it.each([
    ['key', 'key'],
    ['$A ${A}', 'a a'],
    ['%A%', '%A%'],
    ['$B', '$A'],
    ['[$UNDEFINED]', '[]'],
    ['$$A', '$A'],
    ['$$$A', '$a'],
    ['${$}', '$'],
    ['$* $# $@ $! $? $0 $9', '      '],
    ['$10', '0'], // $1, then 0
    ['${10}', 'ten'],
    ['${1}', ''],
    ['$-', 'dash'], // a special name that the runner looks up all the same
    ['${A-B}', 'odd'],
    ['$ A', '$ A'],
    ['$.', '$.'],
    ['$é', '$é'],
    ['price: 5$', 'price: 5$'],
    ['a${}b', 'ab'],
    ['a${b', 'ab'],
    ['${', ''],
    ['$x_1', 'x'],
    ['$A_', ''],
    ['$A.$A', 'a.a'],
    ['', ''],
    ['$', '$'],
  ])('%j is %j', (text, expected) => {
    expect(expandForRunner(text, lookup)).toBe(expected)
  })

  it('takes its time from the length of the text alone', () => {
    const started = performance.now()
    expect(expandForRunner('${'.repeat(200_000), lookup)).toBe('')
    expect(performance.now() - started).toBeLessThan(250)
  })

  it('never throws and leaves text without $ alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', '1', '-', 'é', ' ') }), (text) => {
        const result = expandForRunner(text, lookup)
        expect(text.includes('$') || result === text).toBe(true)
      }),
    )
  })
})

type Row = [key: string, value: string, kind?: 'raw' | 'file']

function list(rows: Row[]): Variable[] {
  return rows.map(([key, value, kind]) =>
    variable(key, value, 'job', { raw: kind === 'raw', file: kind === 'file' }),
  )
}

function expanded(rows: Row[], purpose?: 'runner' | 'server'): unknown {
  const result = sortAndExpand(list(rows), purpose)
  return result.ok ? result.value.map(({ key, value }) => `${key}=${value}`) : result.error
}

describe('sort and expand', () => {
  it.each<[string, Row[], string[]]>([
    ['nothing', [], []],
    ['an empty value', [['v', '']], ['v=']],
    [
      'simple',
      [
        ['v', 'value'],
        ['v2', 'result'],
        ['v3', 'key$v$v2'],
        ['v4', 'key$v$v3'],
      ],
      ['v=value', 'v2=result', 'v3=keyvalueresult', 'v4=keyvaluekeyvalueresult'],
    ],
    [
      'reordering',
      [
        ['v2', 'key${v}'],
        ['v', 'value'],
      ],
      ['v=value', 'v2=keyvalue'],
    ],
    [
      'an order of its own',
      [
        ['v', 'value'],
        ['v4', 'key$v$v3'],
        ['v2', 'result2'],
        ['v3', 'result3'],
      ],
      ['v=value', 'v3=result3', 'v4=keyvalueresult3', 'v2=result2'],
    ],
    ['a missing one', [['v2', 'key$v']], ['v2=key$v']],
    [
      'some missing',
      [
        ['v4', 'key${v}${v2}%v3%'],
        ['v', 'value'],
        ['v3', 'value3'],
      ],
      ['v=value', 'v3=value3', 'v4=keyvalue${v2}value3'],
    ],
    [
      'escapes',
      [
        ['v3', 'key_${v}_$${HOME}_%%HOME%%'],
        ['v', '$v2'],
        ['v2', 'value'],
      ],
      ['v2=value', 'v=value', 'v3=key_value_$${HOME}_%%HOME%%'],
    ],
    [
      'a password',
      [
        ['VAR', '$PASSWORD'],
        ['PASSWORD', 'my_password$$_%%_$A'],
        ['A', 'value'],
      ],
      ['A=value', 'PASSWORD=my_password$$_%%_value', 'VAR=my_password$$_%%_value'],
    ],
    [
      'empty braces',
      [
        ['v', '${} $x ${x}'],
        ['x', '1'],
      ],
      ['x=1', 'v=${} 1 1'],
    ],
    ['itself', [['PATH', '$PATH:/bin']], ['PATH=$PATH:/bin']],
    [
      'an earlier one of its name',
      [
        ['V', 'a'],
        ['V', '$V-b'],
      ],
      ['V=a', 'V=a-b'],
    ],
    [
      'a raw one, left for the runner',
      [
        ['v1', 'value1'],
        ['raw', 'raw-$v1', 'raw'],
        ['plain', 'p-$v1'],
        ['v2', '$raw and $plain'],
      ],
      ['v1=value1', 'raw=raw-$v1', 'plain=p-value1', 'v2=$raw and p-value1'],
    ],
    [
      'a file, left for the runner',
      [
        ['f', 'content', 'file'],
        ['v', '$f'],
      ],
      ['f=content', 'v=$f'],
    ],
    [
      'overridden ones',
      [
        ['PROJECT', '$SUB'],
        ['SUB', '$TOP_NAME'],
        ['SUB', '$SUB_NAME'],
        ['TOP_NAME', 'top'],
        ['SUB_NAME', 'sub'],
      ],
      ['TOP_NAME=top', 'SUB=top', 'SUB_NAME=sub', 'SUB=sub', 'PROJECT=sub'],
    ],
  ])('%s', (_, rows, expected) => {
    expect(expanded(rows)).toEqual(expected)
  })

  it.each<[string, Row[], string[]]>([
    ['a missing one is empty', [['v2', 'key$v']], ['v2=key']],
    [
      'a raw one is put in',
      [
        ['v1', 'value1'],
        ['raw', 'raw-$v1', 'raw'],
        ['v2', '$raw'],
      ],
      ['v1=value1', 'raw=raw-$v1', 'v2=raw-$v1'],
    ],
    [
      'a file is put in',
      [
        ['f', 'content', 'file'],
        ['v', '$f'],
      ],
      ['f=content', 'v=content'],
    ],
    ['escapes stay', [['v2', 'key_${v4}_$${HOME}_%%HOME%%']], ['v2=key__$${HOME}_%%HOME%%']],
  ])('on the server %s', (_, rows, expected) => {
    expect(expanded(rows, 'server')).toEqual(expected)
  })

  it.each<[Row[], string]>([
    [
      [
        ['variable', '$variable2'],
        ['variable2', '$variable3'],
        ['variable3', 'key$variable$variable2'],
      ],
      'circular variable reference detected: ["variable", "variable2", "variable3"]',
    ],
    [
      [
        ['A', '$B'],
        ['B', '$A'],
        ['C', '$D'],
        ['D', '%C%'],
      ],
      'circular variable reference detected: ["A", "B"], ["C", "D"]',
    ],
  ])('a circle is GitLab’s error (%#)', (rows, message) => {
    expect(expanded(rows)).toBe(message)
  })

  it('a raw variable breaks a circle', () => {
    expect(
      expanded([
        ['a', '$b'],
        ['b', '$c'],
        ['c', 'key$a$b', 'raw'],
      ]),
    ).toEqual(['c=key$a$b', 'b=$c', 'a=$c'])
  })

  it('values that double each other are an error, not all memory', () => {
    const rows = Array.from({ length: 64 }, (_, index): Row => [`V${index}`, `$V${index + 1}$V${index + 1}`])
    expect(expanded([...rows, ['V64', 'x']])).toMatch(
      /^variable V\d+ is longer than 1048576 characters when it is expanded$/,
    )
  })

  it('many long values are an error too', () => {
    const rows = Array.from({ length: 100 }, (_, index): Row => [`V${index}`, '$LONG$LONG'])
    expect(expanded([['LONG', 'x'.repeat(400_000)], ...rows])).toBe(
      'variables are longer than 16777216 characters together when they are expanded',
    )
  })

  it('a long chain is no problem', () => {
    const rows = Array.from({ length: 20_000 }, (_, index): Row => [`V${index}`, `$V${index + 1}`])
    expect(expanded([...rows, ['V20000', 'end']])).toContain('V0=end')
  })

  it('keeps everything else of a variable', () => {
    const masked = variable('A', '$B', 'project', { masked: true })
    expect(sortAndExpand([masked, variable('B', 'b', 'job')])).toEqual({
      ok: true,
      value: [variable('B', 'b', 'job'), { ...masked, value: 'b' }],
    })
  })

  it.runIf(hasRuby('tsort'))(
    'sorts as Ruby’s TSort does',
    () => {
      const name = fc.constantFrom('A', 'B', 'C', 'D', 'E')
      const lists = fc.sample(fc.array(fc.tuple(name, fc.array(name, { maxLength: 3 })), { maxLength: 7 }), {
        numRuns: 500,
        seed: 1,
      })
      const components = askRuby('tsort.rb', lists) as number[][][]
      const ours = lists.map((items) => {
        const variables = items.map(([key, mentions]) => variable(key, mentions.join(), 'job'))
        return sortByReference(variables, ({ value }) => value.split(',')).map((group) =>
          group.map((member) => variables.indexOf(member)),
        )
      })
      expect(ours).toEqual(components)
    },
    60_000,
  )
})
