import { isIPv4, isIPv6 } from 'node:net'
import { endianness } from 'node:os'

interface Endpoint {
  readonly address: string
  readonly port: number
}

/** A connection as one of its ends sees it. */
export interface Connection {
  readonly local: Endpoint
  readonly remote: Endpoint
}

/**
 * How a connection's row begins in `/proc/net/tcp` (family 4) or `/proc/net/tcp6` (6), after its number; undefined when
 * the table cannot have it. IPv4 may stand in both: a socket of the other family writes `::ffff:127.0.0.1`.
 */
export function rowKey({ local, remote }: Connection, family: 4 | 6): string | undefined {
  const from = writtenAddress(local.address, family)
  const to = writtenAddress(remote.address, family)
  return from === undefined || to === undefined
    ? undefined
    : `: ${from}:${writtenPort(local.port)} ${to}:${writtenPort(remote.port)} `
}

/**
 * The inode of the socket whose row has this key; undefined when there is none, when the row is cut off, or when no
 * process holds the socket any more.
 */
export function socketInode(table: string, key: string): string | undefined {
  const at = table.indexOf(key)
  const end = at === -1 ? -1 : table.indexOf('\n', at)
  if (end === -1) return undefined
  // proc(5): state, queues, timer, retransmits, uid and timeout, then the inode; 0 is a connection that only waits for
  // its time to be over.
  const inode = table
    .slice(at + key.length, end)
    .trim()
    .split(/\s+/)[6]
  return inode === '0' ? undefined : inode
}

function writtenPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}

function writtenAddress(address: string, family: 4 | 6): string | undefined {
  const bytes = isIPv4(address) ? fourBytes(address) : sixteenBytes(address)
  if (bytes === undefined) return undefined
  if (family === 6) return written(bytes.length === 16 ? bytes : Buffer.concat([MAPPED, bytes]))
  if (bytes.length === 4) return written(bytes)
  return bytes.subarray(0, MAPPED.length).equals(MAPPED) ? written(bytes.subarray(12)) : undefined
}

/** `::ffff:0:0/96` */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

/** The kernel writes an address as 32-bit words in the byte order of the machine. */
function written(bytes: Buffer): string {
  return (endianness() === 'LE' ? Buffer.from(bytes).swap32() : bytes).toString('hex').toUpperCase()
}

function fourBytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

function sixteenBytes(address: string): Buffer | undefined {
  const [plain = ''] = address.split('%') // fe80::1%eth0
  if (!isIPv6(plain)) return undefined
  const [head = '', tail] = plain.split('::')
  const before = groups(head)
  const after = groups(tail ?? '')
  const between = tail === undefined ? '' : '0000'.repeat(8 - (before.length + after.length) / 4)
  return Buffer.from(before + between + after, 'hex')
}

function groups(text: string): string {
  return text
    .split(':')
    .filter((group) => group !== '')
    .map((group) => (isIPv4(group) ? fourBytes(group).toString('hex') : group.padStart(4, '0')))
    .join('')
}
