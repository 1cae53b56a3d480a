import { promisify } from 'node:util'
import { crc32, createDeflateRaw, deflateRaw, deflateRawSync } from 'node:zlib'
import {
  centralHeader,
  DEFLATED,
  descriptor,
  endRecords,
  FLAG_DESCRIPTOR,
  FLAG_UTF8,
  localHeader,
  MAX_32,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  STORED,
  type ZipHeader,
} from './zip-format.ts'

interface Named {
  /** Without `/` at its end. */
  readonly name: string
  /** Permissions. */
  readonly mode: number
  /** Milliseconds since the epoch. */
  readonly mtime: number
}

/** What becomes one entry of a zip. */
export type ZipEntry =
  | (Named & { readonly kind: 'folder' })
  | (Named & { readonly kind: 'link'; readonly target: string })
  | (Named & {
      readonly kind: 'file'
      /** Bytes; what decides how it is written. */
      readonly size: number
      /** Undefined: it is gone, and left out. */
      open(): Buffer | AsyncIterable<Buffer> | undefined | Promise<AsyncIterable<Buffer> | undefined>
    })

/** Files up to this are packed at one go, so that their sizes stand before them. */
const SMALL = 1 << 20
/** Below this, handing the work to another thread costs more than doing it. */
const TINY = 1 << 15
/** A file that was as long as this when it was looked at may be longer when it is read. */
const WIDE = MAX_32 - (1 << 24)

const deflate = promisify(deflateRaw)

/** What is written at one go: pieces of a few bytes each would cost more than what is in them. */
const PIECE_BYTES = 1 << 16
/** So many small entries are packed before others get their turn. */
const ENTRIES_AT_ONCE = 100

/** A zip, piece by piece, in memory that does not grow with it but for the list of names. Entries stand in the order given. */
export async function* writeZip(
  entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>,
): AsyncGenerator<Buffer> {
  const central: Buffer[] = []
  let waiting: Buffer[] = []
  let bytes = 0
  let offset = 0
  let count = 0
  const put = (...parts: readonly Buffer[]): void => {
    for (const part of parts) {
      waiting.push(part)
      bytes += part.length
      offset += part.length
    }
  }
  const take = (): Buffer => {
    const piece = Buffer.concat(waiting)
    waiting = []
    bytes = 0
    return piece
  }
  for await (const entry of entries) {
    if (entry.kind === 'file' && entry.size > SMALL) {
      for await (const part of streamed(entry, offset)) {
        if (Buffer.isBuffer(part)) put(part)
        else central.push(centralHeader(part))
        if (bytes >= PIECE_BYTES) yield take()
      }
    } else {
      const content = await contentOf(entry)
      if (content) {
        const { header, packed } = await packedEntry(entry, content, offset)
        put(localHeader(header), packed)
        central.push(centralHeader(header))
      }
    }
    if (bytes >= PIECE_BYTES) yield take()
    if (++count % ENTRIES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const start = offset
  const directory = Buffer.concat(central)
  put(directory, endRecords(central.length, start, directory.length))
  yield take()
}

async function packedEntry(
  entry: ZipEntry,
  content: Buffer,
  offset: number,
): Promise<{ readonly header: ZipHeader; readonly packed: Buffer }> {
  const tried =
    entry.kind !== 'file' || content.length === 0
      ? content
      : content.length <= TINY
        ? deflateRawSync(content)
        : await deflate(content)
  const packed = tried.length < content.length ? tried : content
  const header: ZipHeader = {
    ...commonOf(entry, offset),
    method: packed === content ? STORED : DEFLATED,
    crc: crc32(content),
    compressed: packed.length,
    size: content.length,
    zip64: false,
  }
  return { header, packed }
}

async function contentOf(entry: ZipEntry): Promise<Buffer | undefined> {
  if (entry.kind === 'folder') return Buffer.alloc(0)
  if (entry.kind === 'link') return Buffer.from(entry.target)
  const content = await entry.open()
  if (!content || Buffer.isBuffer(content)) return content
  const all: Buffer[] = []
  for await (const piece of content) all.push(piece)
  return Buffer.concat(all)
}

/** The bytes of an entry, and last what its header in the directory says; nothing when the file is gone. */
async function* streamed(
  entry: Extract<ZipEntry, { kind: 'file' }>,
  offset: number,
): AsyncGenerator<Buffer | ZipHeader> {
  const content = await entry.open()
  if (!content) return
  const pieces = Buffer.isBuffer(content) ? inOnePiece(content) : content
  const common = commonOf(entry, offset)
  const zip64 = entry.size >= WIDE
  const start: ZipHeader = {
    ...common,
    method: DEFLATED,
    flags: common.flags | FLAG_DESCRIPTOR,
    crc: 0,
    compressed: 0,
    size: 0,
    zip64,
  }
  yield localHeader(start)
  const sums = { crc: 0, size: 0 }
  let compressed = 0
  for await (const piece of deflated(pieces, sums)) {
    compressed += piece.length
    yield piece
  }
  const header = { ...start, ...sums, compressed }
  yield descriptor(header)
  yield header
}

async function* inOnePiece(content: Buffer): AsyncGenerator<Buffer> {
  yield content
}

/** The deflated bytes of a stream; sum and size of what went in are written into `sums`. */
export async function* deflated(
  pieces: AsyncIterable<Buffer>,
  sums: { crc: number; size: number },
): AsyncGenerator<Buffer> {
  const packer = createDeflateRaw({ chunkSize: 1 << 16 })
  const feeding = feed(pieces, packer, sums)
  yield* packer as AsyncIterable<Buffer>
  await feeding
}

async function feed(
  pieces: AsyncIterable<Buffer>,
  packer: ReturnType<typeof createDeflateRaw>,
  sums: { crc: number; size: number },
): Promise<void> {
  try {
    for await (const piece of pieces) {
      sums.crc = crc32(piece, sums.crc)
      sums.size += piece.length
      if (!packer.write(piece)) await drained(packer)
      if (packer.destroyed) return
    }
    packer.end()
  } catch (error) {
    packer.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

function drained(packer: ReturnType<typeof createDeflateRaw>): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      packer.off('drain', go)
      packer.off('close', go)
      resolve()
    }
    packer.on('drain', go)
    packer.on('close', go)
  })
}

function commonOf(
  entry: ZipEntry,
  offset: number,
): Pick<ZipHeader, 'name' | 'flags' | 'mode' | 'mtime' | 'offset'> {
  const type = entry.kind === 'folder' ? S_IFDIR : entry.kind === 'link' ? S_IFLNK : S_IFREG
  return {
    name: Buffer.from(entry.kind === 'folder' ? `${entry.name}/` : entry.name),
    flags: FLAG_UTF8,
    mode: type | (entry.mode & 0o7777),
    mtime: entry.mtime,
    offset,
  }
}
