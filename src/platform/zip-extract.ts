import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { chmod, lutimes, open, symlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { err, ok, type Result } from '../shared/result.ts'
import { readDirectory, ZipError, type ZipRecord } from './zip-directory.ts'
import { readPieces } from './read-pieces.ts'
import { DEFLATED, LOCAL_SIGNATURE, S_IFDIR, S_IFLNK, S_IFMT, STORED } from './zip-format.ts'

export interface ExtractLimits {
  /** Bytes of all files together, unpacked. */
  readonly bytes: number
  readonly entries: number
}

export interface Extracted {
  readonly files: number
  readonly bytes: number
}

/** So many small entries are unpacked before others get their turn. */
const ENTRIES_AT_ONCE = 50
/** A target longer than this is no path. */
const LONGEST_LINK = 4096

/**
 * Unpacks a zip into a folder that exists. Nothing is written outside of it: names that lead out are an error, and links are made last
 * and never followed. The error is a sentence about the zip; what was unpacked before it stays. Rejects with the file system's error.
 */
export async function extractZip(
  zip: string,
  folder: string,
  limits: ExtractLimits,
): Promise<Result<Extracted, string>> {
  const file = await open(zip, 'r')
  try {
    const records = await readDirectory(file, limits.entries)
    return ok(await extractAll(file, folder, records, limits))
  } catch (error) {
    if (error instanceof ZipError) return err(error.message)
    throw error
  } finally {
    await file.close()
  }
}

async function extractAll(
  zip: FileHandle,
  folder: string,
  records: readonly ZipRecord[],
  limits: ExtractLimits,
): Promise<Extracted> {
  const links: (readonly [path: string, record: ZipRecord])[] = []
  const folders: (readonly [path: string, record: ZipRecord])[] = []
  let files = 0
  let bytes = 0
  for (const [index, record] of records.entries()) {
    if (index % ENTRIES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
    const path = safePath(record.name)
    if (path === '') continue
    const type = record.mode & S_IFMT
    if (record.name.endsWith('/') || type === S_IFDIR) {
      ensureFolder(folder, path)
      folders.push([path, record])
      continue
    }
    files++
    if (type === S_IFLNK) links.push([path, record])
    else bytes += await extractFile(zip, folder, path, record, limits.bytes - bytes)
  }
  for (const [path, record] of links) {
    const target = await textOf(zip, record)
    clear(folder, path)
    await symlink(target, join(folder, path))
    await lutimes(join(folder, path), record.mtime / 1000, record.mtime / 1000)
  }
  for (const [path, record] of folders.toReversed()) {
    const stat = lstatSync(join(folder, path), { throwIfNoEntry: false })
    if (stat?.isDirectory()) await chmod(join(folder, path), (record.mode & 0o777 || 0o755) | 0o700)
  }
  return { files, bytes }
}

/** Relative and below; throws for what leads out. Empty: the folder itself. */
function safePath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (name.startsWith('/') || name.includes('\0') || parts.includes('..'))
    throw new ZipError(`the name ${JSON.stringify(name.slice(0, 200))} leads out of the archive`)
  return parts.join('/')
}

/** Makes a folder and those above it. A link or file in the way is replaced, never followed. */
function ensureFolder(root: string, path: string): void {
  if (path === '.' || path === '') return
  ensureFolder(root, dirname(path))
  const full = join(root, path)
  const there = lstatSync(full, { throwIfNoEntry: false })
  if (there?.isDirectory()) return
  if (there) rmSync(full, { force: true })
  mkdirSync(full, { mode: 0o755 })
}

function clear(root: string, path: string): void {
  ensureFolder(root, dirname(path))
  rmSync(join(root, path), { recursive: true, force: true })
}

async function extractFile(
  zip: FileHandle,
  root: string,
  path: string,
  record: ZipRecord,
  mostBytes: number,
): Promise<number> {
  clear(root, path)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const target = openSync(join(root, path), flags, 0o600)
  try {
    let size = 0
    for await (const piece of contentOf(zip, record, mostBytes)) {
      writeFileSync(target, piece)
      size += piece.length
    }
    fchmodSync(target, record.mode & 0o777 || 0o644)
    futimesSync(target, record.mtime / 1000, record.mtime / 1000)
    return size
  } finally {
    closeSync(target)
  }
}

async function textOf(zip: FileHandle, record: ZipRecord): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of contentOf(zip, record, LONGEST_LINK)) pieces.push(piece)
  const text = Buffer.concat(pieces).toString()
  if (text === '' || text.includes('\0')) throw new ZipError(`the link ${record.name} has no target`)
  return text
}

/** The unpacked bytes of an entry, checked against what its record says. */
async function* contentOf(zip: FileHandle, record: ZipRecord, mostBytes: number): AsyncGenerator<Buffer> {
  const head = Buffer.alloc(30)
  readSync(zip.fd, head, 0, 30, record.offset)
  if (head.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new ZipError(`the entry ${record.name} is damaged`)
  const start = record.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
  const small = record.compressed <= SMALL && record.size <= SMALL
  const packed = small ? [readNow(zip, start, record.compressed)] : readPieces(zip, start, record.compressed)
  let size = 0
  let sum = 0
  for await (const piece of unpacked(packed, record)) {
    size += piece.length
    sum = crc32(piece, sum)
    if (size > mostBytes) throw new ZipError('the archive is larger than allowed when it is unpacked')
    if (size > record.size) break
    yield piece
  }
  if (size !== record.size || sum !== record.crc) throw new ZipError(`the entry ${record.name} is damaged`)
}

async function* unpacked(
  packed: readonly Buffer[] | AsyncIterable<Buffer>,
  { method, name, compressed }: ZipRecord,
): AsyncGenerator<Buffer> {
  if (method === STORED) {
    yield* packed
    return
  }
  if (method !== DEFLATED) throw new ZipError(`the entry ${name} is packed by method ${method}`)
  if (compressed === 0) return
  if (Array.isArray(packed)) {
    for (const piece of packed as readonly Buffer[]) yield inflatedAtOnce(piece, name)
    return
  }
  const inflate = createInflateRaw({ chunkSize: 1 << 16 })
  // What goes wrong arrives where the unpacked bytes are read.
  const fed = pipeline(packed, inflate).catch(() => {})
  try {
    yield* inflate as AsyncIterable<Buffer>
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw code.startsWith('Z_') ? new ZipError(`the entry ${name} is damaged`) : error
  } finally {
    inflate.destroy()
    await fed
  }
}

/** Below this a stream costs more than the work. */
const SMALL = 1 << 16

function readNow(file: FileHandle, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file.fd, bytes, 0, length, offset))
}

function inflatedAtOnce(packed: Buffer, name: string): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: SMALL + 1 })
  } catch {
    throw new ZipError(`the entry ${name} is damaged`)
  }
}
