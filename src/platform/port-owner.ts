// Who has the port that we wanted: for the message of a failed listen, so it may be slow and must never fail.
import { isIP } from 'node:net'
import { entriesOf, socketsOf, textOf } from './proc-files.ts'

export interface PortOwner {
  readonly pid: number
  /** Its command line, arguments joined with spaces. */
  readonly command: string
}

/** The process that listens on `host:port`; undefined when there is none, or it is another user's, or there is no /proc. */
export function portOwner(host: string, port: number): PortOwner | undefined {
  const inodes = new Set(
    [...listeners('/proc/net/tcp'), ...listeners('/proc/net/tcp6')]
      .filter((it) => it.port === port && serves(it.address, host))
      .map((it) => it.inode),
  )
  if (inodes.size === 0) return undefined
  for (const entry of entriesOf('/proc')) {
    if (/^\d+$/.test(entry) && holdsSocket(entry, inodes))
      return { pid: Number(entry), command: commandLine(entry) }
  }
  return undefined
}

interface Listener {
  readonly address: string
  readonly port: number
  readonly inode: string
}

/** proc(5): state 0A is LISTEN; the inode is the tenth column. */
function listeners(table: string): Listener[] {
  const rows = textOf(table).split('\n').slice(1)
  return rows.flatMap((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/)
    const [address, port] = local?.split(':') ?? []
    if (state !== '0A' || !address || !port || !inode) return []
    return [{ address: decodeAddress(address), port: Number.parseInt(port, 16), inode }]
  })
}

/** The kernel writes addresses as 32-bit words in the byte order of the machine, little-endian wherever we run. */
function decodeAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.subarray(at, at + 4).reverse()
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.every((byte) => byte === 0)) return '::'
  if (bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1'
  if (bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff')
    return bytes.subarray(12).join('.')
  return (bytes.toString('hex').match(/.{4}/g) ?? [])
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/** Whether a listener on `address` is in the way of `host`; a wildcard is in everyone's way, and a name may mean any address. */
function serves(address: string, host: string): boolean {
  const everywhere = new Set(['0.0.0.0', '::'])
  return isIP(host) === 0 || everywhere.has(host) || everywhere.has(address) || address === host
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  for (const inode of socketsOf(pid)) if (inode !== undefined && inodes.has(inode)) return true
  return false
}

function commandLine(pid: string): string {
  return textOf(`/proc/${pid}/cmdline`).split('\0').join(' ').trim()
}
