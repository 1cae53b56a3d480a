import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { gunzipMembers } from '../../src/platform/gzip-members.ts'

const named = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0x18, 0, 0, 0, 0, 0, 255]),
  Buffer.from('a.env\0dir/a.env\0'),
  gzipSync('A=1').subarray(10),
])

it('gives the files one by one, with names in their headers or without', () => {
  const read = gunzipMembers(Buffer.concat([named, gzipSync('B=2\n'), gzipSync('')]), 100)
  expect(read.ok && read.value.map(String)).toEqual(['A=1', 'B=2\n', ''])
})

it.each([
  ['no gzip', Buffer.from('A=1'), 'damaged'],
  ['one that ends early', gzipSync('A=1'.repeat(100)).subarray(0, 14), 'damaged'],
  ['something behind it', Buffer.concat([gzipSync('A=1'), Buffer.from('x')]), 'damaged'],
  ['a bomb', gzipSync(Buffer.alloc(10_000_000)), 'too large'],
])('%s is refused', (_, bytes, error) => {
  expect(gunzipMembers(bytes, 5120)).toEqual({ ok: false, error })
})
