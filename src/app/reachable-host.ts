import type { NetworkInterfaceInfo } from 'node:os'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * The address under which others reach what listens on `host`. One that stands for all of them (`0.0.0.0`, `::`) leads
 * every client to itself; then it is this machine's first one, and loopback's where it has no other.
 */
export function reachableHost(host: string, interfaces: Interfaces): string {
  if (host !== '0.0.0.0' && host !== '::') return host
  const outside = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  const four = outside.find(({ family }) => family === 'IPv4')?.address
  const six = host === '::' ? outside.find(({ family }) => family === 'IPv6')?.address : undefined
  return four ?? six ?? '127.0.0.1'
}
