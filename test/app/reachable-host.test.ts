import type { NetworkInterfaceInfo } from 'node:os'
import { expect, it } from 'vitest'
import { reachableHost } from '../../src/app/reachable-host.ts'

const at = (address: string, internal = false): NetworkInterfaceInfo => {
  const rest = { address, netmask: '', mac: '', internal, cidr: null }
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' }
}
const lo = [at('127.0.0.1', true), at('::1', true)]
const six = [at('fe80::1'), at('fd00::2')]

it.each([
  ['an address', '10.1.2.3', { lo, eth0: [at('192.0.2.2')] }, '10.1.2.3'],
  ['loopback', '127.0.0.1', { lo, eth0: [at('192.0.2.2')] }, '127.0.0.1'],
  ['all of IPv4', '0.0.0.0', { lo, eth0: [...six, at('192.0.2.2')], eth1: [at('10.0.0.1')] }, '192.0.2.2'],
  ['all', '::', { lo, eth0: [...six, at('192.0.2.2')] }, '192.0.2.2'],
  ['all, of a machine with IPv6 only', '::', { lo, eth0: six }, 'fd00::2'],
  ['all of IPv4, of a machine with IPv6 only', '0.0.0.0', { lo, eth0: six }, '127.0.0.1'],
  ['all, of a machine without a network', '::', { lo }, '127.0.0.1'],
])('%s', (_what, host, interfaces, expected) => {
  expect(reachableHost(host, interfaces)).toBe(expected)
})
