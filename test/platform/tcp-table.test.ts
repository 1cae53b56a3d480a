import { endianness } from 'node:os'
import { describe, expect, it } from 'vitest'
import { rowKey, socketInode, type Connection } from '../../src/platform/tcp-table.ts'

// As a kernel wrote them; the first has both ends of one connection, and one that is in TIME_WAIT.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:22E1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 72411 1 0000000000000000 100 0 0 10 0
   1: 0100007F:22E1 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 72500 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:C350 0100007F:22E1 01 00000000:00000000 00:00000000 00000000  1000        0 72499 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:C34F 0100007F:22E1 06 00000000:00000000 03:000014AC 00000000     0        0 0 3 0000000000000000
`
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:C351 00000000000000000000000001000000:22E1 01 00000000:00000000 00:00000000 00000000     0        0 81001 1 0000000000000000 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:C352 0000000000000000FFFF00000100007F:22E1 01 00000000:00000000 00:00000000 00000000     0        0 81002 1 0000000000000000 20 4 30 10 -1
   2: 000080FE0000000000000000785634A2:C353 B80D0120000000000100000002000000:22E1 01 00000000:00000000 00:00000000 00000000     0        0 81003 1 0000000000000000 20 4 30 10 -1
`

function connection(from: string, fromPort: number, to: string): Connection {
  return { local: { address: from, port: fromPort }, remote: { address: to, port: 8929 } }
}

describe.runIf(endianness() === 'LE')('the inode of a socket', () => {
  it.each<[string, Connection, 4 | 6, string, string | undefined]>([
    ['of a client', connection('127.0.0.1', 50_000, '127.0.0.1'), 4, TCP, '72499'],
    ['as IPv6 writes IPv4', connection('::ffff:127.0.0.1', 50_000, '::ffff:127.0.0.1'), 4, TCP, '72499'],
    ['that is closed already', connection('127.0.0.1', 49_999, '127.0.0.1'), 4, TCP, undefined],
    ['of another port', connection('127.0.0.1', 50_001, '127.0.0.1'), 4, TCP, undefined],
    ['of another address', connection('127.0.0.2', 50_000, '127.0.0.1'), 4, TCP, undefined],
    ['of IPv6', connection('::1', 50_001, '::1'), 6, TCP6, '81001'],
    ['of an IPv6 socket that speaks IPv4', connection('127.0.0.1', 50_002, '127.0.0.1'), 6, TCP6, '81002'],
    ['with a zone', connection('fe80::a234:5678%eth0', 50_003, '2001:db8::1:0:2'), 6, TCP6, '81003'],
    ['in an empty table', connection('::1', 50_001, '::1'), 6, '', undefined],
  ])('%s', (_what, sought, family, table, inode) => {
    expect(socketInode(table, rowKey(sought, family) ?? 'no key')).toBe(inode)
  })

  it('is not taken from a row that is cut off', () => {
    const key = rowKey(connection('127.0.0.1', 50_000, '127.0.0.1'), 4) ?? ''
    const end = TCP.indexOf('72499') + 3
    expect(socketInode(TCP.slice(0, end), key)).toBeUndefined()
  })
})

it.each(['::1', 'fe80::1%eth0', 'localhost', '', '1.2.3'])('the table of IPv4 has no %j', (address) => {
  expect(rowKey(connection(address, 1, '127.0.0.1'), 4)).toBeUndefined()
})

it.each(['localhost', '', '1.2.3', 'fe80:::1'])('no table has %j', (address) => {
  expect(rowKey(connection(address, 1, '::1'), 6)).toBeUndefined()
})
