import { InvalidArgumentError } from 'commander'
import { expect, it } from 'vitest'
import { collect, collectColonPairs } from '../../src/cli/flags.ts'

it.each([
  ['key1:val1', { key1: 'val1' }],
  ['key1:val1,key2:val2', { key1: 'val1', key2: 'val2' }],
  ['hosts:a,b', { hosts: 'a,b' }],
  ['hosts:a,b,port:80', { hosts: 'a,b', port: '80' }],
  ['url:http://x:80/,y:', { url: 'http://x:80/', y: '' }],
])('%s is %j', (text, pairs) => {
  expect(collectColonPairs(text, { before: '1' })).toEqual({ before: '1', ...pairs })
})

it.each(['nonsense', ':value', ''])('"%s" is no pair', (text) => {
  expect(() => collectColonPairs(text, {})).toThrow(InvalidArgumentError)
})

it('keeps every value in order', () => {
  expect(collect('b', collect('a', []))).toEqual(['a', 'b'])
})
