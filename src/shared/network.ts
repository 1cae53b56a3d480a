/** A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address. */
export interface Network {
  readonly bits: 32 | 128
  readonly base: bigint
  readonly prefix: number
}

/** Undefined for what is no address and no range. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? []
  const parsed = parseAddress(address)
  if (!parsed) return undefined
  const prefix = length === undefined ? parsed.bits : Number(length)
  return prefix <= parsed.bits ? { bits: parsed.bits, base: parsed.value, prefix } : undefined
}

/** An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is the IPv4 address. */
export function inNetwork(network: Network, address: string): boolean {
  const parsed = parseAddress(address.replace(/^::ffff:(?=\d+\.)/i, ''))
  if (!parsed || parsed.bits !== network.bits) return false
  const shift = BigInt(network.bits - network.prefix)
  return parsed.value >> shift === network.base >> shift
}

export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.some((network) => inNetwork(network, address))
}

const LOOPBACK: readonly Network[] = [
  { bits: 32, base: 0x7f000000n, prefix: 8 },
  { bits: 128, base: 1n, prefix: 128 },
]

function parseAddress(text: string): { readonly bits: 32 | 128; readonly value: bigint } | undefined {
  const four = parseFour(text)
  if (four !== undefined) return { bits: 32, value: four }
  const six = parseSix(text.replace(/%.*$/, ''))
  return six === undefined ? undefined : { bits: 128, value: six }
}

function parseFour(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function parseSix(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupsOf)))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n)
}

/** The last part of an IPv6 address may be written as an IPv4 one. */
function groupsOf(part: string): readonly string[] {
  const four = parseFour(part)
  return four === undefined ? [part] : [(four >> 16n).toString(16), (four & 0xffffn).toString(16)]
}
