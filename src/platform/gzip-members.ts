import { inflateRawSync } from 'node:zlib'
import { err, ok, type Result } from '../shared/result.ts'

const FLAG_CRC = 2
const FLAG_EXTRA = 4
const FLAG_NAME = 8
const FLAG_COMMENT = 16
const TRAILER_BYTES = 8

/** The files of a gzip, which may be several one after the other, as runners send reports. */
export function gunzipMembers(bytes: Buffer, mostBytes: number): Result<Buffer[], 'damaged' | 'too large'> {
  const members: Buffer[] = []
  let at = 0
  let left = mostBytes
  while (at < bytes.length) {
    const start = bodyStart(bytes, at)
    if (start === undefined) return err('damaged')
    const member = inflate(bytes.subarray(start), left)
    if (!member.ok) return member
    members.push(member.value.content)
    left -= member.value.content.length
    at = start + member.value.consumed + TRAILER_BYTES
  }
  return ok(members)
}

function inflate(
  bytes: Buffer,
  mostBytes: number,
): Result<{ readonly content: Buffer; readonly consumed: number }, 'damaged' | 'too large'> {
  try {
    // With `info`, Node answers an object that its types do not know.
    const { buffer, engine } = inflateRawSync(bytes, {
      info: true,
      maxOutputLength: Math.max(1, mostBytes),
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    return ok({ content: buffer, consumed: engine.bytesWritten })
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return err(tooLarge ? 'too large' : 'damaged')
  }
}

/** Where the compressed bytes of the member at an offset begin (RFC 1952); undefined: there is none. */
function bodyStart(bytes: Buffer, at: number): number | undefined {
  if (at + 10 > bytes.length || bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8)
    return undefined
  const flags = bytes[at + 3] ?? 0
  let next = at + 10
  if (flags & FLAG_EXTRA) {
    if (next + 2 > bytes.length) return undefined
    next += 2 + bytes.readUInt16LE(next)
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if (!(flags & flag)) continue
    const end = bytes.indexOf(0, next)
    if (end === -1) return undefined
    next = end + 1
  }
  return next + (flags & FLAG_CRC ? 2 : 0)
}
