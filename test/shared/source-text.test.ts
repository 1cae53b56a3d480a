import { expect, it } from 'vitest'
import { renderDiagnostic } from '../../src/shared/source-text.ts'

const FILE = 'a.yml'

/** The frame of a finding in the last line of a text, which is as long as `length` says. */
function frame(text: string, column: number, length: number): string[] {
  const line = text.split('\n').length
  const location = { file: FILE, line, column, endLine: line, endColumn: column + length }
  const found = { severity: 'error', code: 'c', message: 'm', help: 'h', location } as const
  return renderDiagnostic(found, new Map([[FILE, text]]))
    .split('\n')
    .slice(2)
}

it('shows short lines whole', () => {
  expect(frame('one\n\ttwo: three', 2, 3)).toEqual(['   1 │ one', ' ▸ 2 │ →two: three', '     │  ~~~ h'])
})

it('cuts a long line on the right, and what is underlined with it', () => {
  expect(frame(`short\nif: ${'x'.repeat(1_000_000)}`, 5, 1_000_000)).toEqual([
    '   1 │ short',
    ` ▸ 2 │ if: ${'x'.repeat(155)}…`,
    `     │     ${'~'.repeat(156)} h`,
  ])
})

it('cuts it on both sides around what lies further right, and the lines above likewise', () => {
  const long = `${'a'.repeat(500)}WRONG${'b'.repeat(500)}`
  expect(frame(`${'c'.repeat(480)}\nshort\n${long}`, 501, 5)).toEqual([
    `   1 │ …${'c'.repeat(39)}`,
    '   2 │ ',
    ` ▸ 3 │ …${'a'.repeat(59)}WRONG${'b'.repeat(94)}…`,
    `     │ ${' '.repeat(60)}~~~~~ h`,
  ])
})

it('shows no character that a terminal would obey', () => {
  expect(frame('a: "\u001B[31m\u0000\u009Bred"', 4, 2)).toEqual([
    ' ▸ 1 │ a: "\uFFFD[31m\uFFFD\uFFFDred"',
    '     │    ~~ h',
  ])
})
