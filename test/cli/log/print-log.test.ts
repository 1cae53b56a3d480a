import { expect, it } from 'vitest'
import { growingLog, lastLines, printLog } from '../../../src/cli/log/print-log.ts'

async function* pieces(...texts: string[]): AsyncGenerator<string> {
  yield* texts
}

it.each([
  [['a\nb\nc\n'], 2, 'b\nc\n'],
  [['a\nb', 'b\nc', 'c'], 2, 'bb\ncc'],
  [['a', 'b', 'c'], 1, 'abc'],
  [['a\n', '', '\n'], 5, 'a\n\n'],
  [[], 3, ''],
])('of %j the last %i lines are %j', async (texts, count, expected) => {
  expect(await lastLines(pieces(...texts), count)).toBe(expected)
})

it('counts bytes, not characters, and drops what steers a terminal', async () => {
  let shown = ''
  const log = growingLog()
  const printing = printLog(log.bytes, { out: (text) => (shown += text), keepColors: false, tail: undefined })
  log.push(Buffer.from('gr\u00fcn\n\u001b[2Jx'))
  log.push(Buffer.from('y'))
  log.end()
  expect(await printing).toBe(12)
  expect(shown).toBe('gr\u00fcn\nxy')
})
