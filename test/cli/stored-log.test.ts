import { expect, it } from 'vitest'
import { storedLog } from '../../src/cli/stored-log.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size: number, colors: boolean): Promise<string> {
  let shown = ''
  for await (const part of storedLog(pieces(Buffer.from(text), size), colors)) shown += part
  return shown
}

const log =
  'section_start:1:step_script\r\u001b[0K\u001b[32;1m$ echo ü\u001b[0;m\nü\r\nsection_end:2:step_script\r\u001b[0Klast line without end'

it.each([1, 2, 3, 7, 1000])('shows a log without its markers, read in pieces of %d bytes', async (size) => {
  expect(await read(log, size, false)).toBe('$ echo ü\nü\nlast line without end')
  expect(await read(log, size, true)).toBe('\u001b[32;1m$ echo ü\u001b[0;m\nü\nlast line without end')
})

it('does not hold back a line that never ends', async () => {
  const text = 'a'.repeat(3_000_000)
  let parts = 0
  let length = 0
  for await (const part of storedLog(pieces(Buffer.from(text), 65_536), false)) {
    parts++
    length += part.length
  }
  expect(length).toBe(3_000_000)
  expect(parts).toBeGreaterThan(2)
})
