import { expect, it } from 'vitest'
import { decodeText, UNDECODABLE } from '../../src/shared/decode-text.ts'

it.each([
  ['plain', Buffer.from('a: b'), 'a: b'],
  ['UTF-8', Buffer.from('é 💧'), 'é 💧'],
  ['the replacement character, written', Buffer.from('a \ufffd'), 'a \ufffd'],
  ['Windows-1252', Buffer.from('caf\xe9', 'latin1'), `caf${UNDECODABLE}`],
  ['the mark of UTF-16', Buffer.from([0xff, 0xfe, 0x61, 0]), `${UNDECODABLE}${UNDECODABLE}a\0`],
  ['nothing', Buffer.alloc(0), ''],
])('%s', (_, bytes, text) => {
  expect(decodeText(bytes)).toBe(text)
})
