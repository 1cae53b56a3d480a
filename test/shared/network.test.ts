import { describe, expect, it } from 'vitest'
import { inNetwork, isLoopbackAddress, parseNetwork } from '../../src/shared/network.ts'
import { matchesWildcard } from '../../src/shared/wildcard.ts'

describe('networks', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '::1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::ffff:0:0/96', '::ffff:1.2.3.4', false],
  ])('%s has %s: %s', (network, address, expected) => {
    const parsed = parseNetwork(network)
    expect(parsed !== undefined && inNetwork(parsed, address)).toBe(expected)
  })

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '::/129',
    '1::2::3',
    'localhost',
    '10.0.0.0/8/8',
    ':::',
    '1:2:3:4:5:6:7:8:9',
  ])('%j is none', (text) => expect(parseNetwork(text)).toBeUndefined())

  it.each([
    ['127.0.0.1', true],
    ['127.255.0.3', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['128.0.0.1', false],
    ['::2', false],
    ['', false],
  ])('%s is loopback: %s', (address, expected) => expect(isLoopbackAddress(address)).toBe(expected))
})

describe('wildcards', () => {
  it.each([
    ['main', 'main', true],
    ['main', 'main2', false],
    ['*', '', true],
    ['release/*', 'release/1', true],
    ['release/*', 'release', false],
    ['*-ok', 'x-ok', true],
    ['a*a', 'a', false],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'acb', false],
    ['*b*', 'abc', true],
    ['a**c', 'ac', true],
    ['.+', 'x', false],
  ])('%s says %s: %s', (pattern, text, expected) => expect(matchesWildcard(pattern, text)).toBe(expected))
})
