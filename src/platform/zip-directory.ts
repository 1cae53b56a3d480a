import type { FileHandle } from 'node:fs/promises'
import {
  CENTRAL_SIGNATURE,
  END64_SIGNATURE,
  END_SIGNATURE,
  EXTRA_TIME,
  EXTRA_ZIP64,
  FLAG_ENCRYPTED,
  LOCATOR64_SIGNATURE,
  MAX_16,
  MAX_32,
} from './zip-format.ts'

/** What a zip's directory says of an entry. */
export interface ZipRecord {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly compressed: number
  readonly size: number
  /** With the type of the file; 0: made where there are no modes. */
  readonly mode: number
  /** Milliseconds since the epoch. */
  readonly mtime: number
  /** Of the local header. */
  readonly offset: number
}

/** The bytes are no zip, or not one that is taken. The message is a sentence. */
export class ZipError extends Error {
  override readonly name = 'ZipError'
}

/** The end record with the longest comment. */
const END_BYTES = 22 + MAX_16
/** Names and comments of one entry are at most this long together with its record. */
const LARGEST_DIRECTORY_ENTRY = 46 + 3 * MAX_16

/** All entries in the order of the directory. Throws `ZipError`. */
export async function readDirectory(file: FileHandle, mostEntries: number): Promise<ZipRecord[]> {
  const { size } = await file.stat()
  const { count, offset, length } = await findEnd(file, size)
  if (count > mostEntries) throw new ZipError(`the archive has ${count} entries, more than ${mostEntries}`)
  if (offset + length > size || length > count * LARGEST_DIRECTORY_ENTRY)
    throw new ZipError('the directory of the archive is damaged')
  const bytes = await readAt(file, offset, length)
  const records: ZipRecord[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL_SIGNATURE)
      throw new ZipError('the directory of the archive is damaged')
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30)
    if (extraEnd > bytes.length) throw new ZipError('the directory of the archive is damaged')
    records.push(recordAt(bytes.subarray(at, nameEnd), bytes.subarray(nameEnd, extraEnd)))
    at = extraEnd + bytes.readUInt16LE(at + 32)
  }
  return records
}

function recordAt(fixed: Buffer, extra: Buffer): ZipRecord {
  const name = fixed.subarray(46).toString()
  if (fixed.readUInt16LE(8) & FLAG_ENCRYPTED) throw new ZipError(`the entry ${name} is encrypted`)
  const wide = wideNumbers(extra)
  const number = (value: number): number => (value === MAX_32 ? (wide.shift() ?? value) : value)
  const size = number(fixed.readUInt32LE(24))
  const compressed = number(fixed.readUInt32LE(20))
  const offset = number(fixed.readUInt32LE(42))
  return {
    name,
    method: fixed.readUInt16LE(10),
    crc: fixed.readUInt32LE(16),
    compressed,
    size,
    mode: fixed.readUInt32LE(38) >>> 16,
    mtime: unixTime(extra) ?? dosTime(fixed.readUInt16LE(14), fixed.readUInt16LE(12)),
    offset,
  }
}

/** The numbers of the zip64 field, in its order. */
function wideNumbers(extra: Buffer): number[] {
  const field = extraField(extra, EXTRA_ZIP64)
  const numbers: number[] = []
  for (let at = 0; at + 8 <= field.length; at += 8) numbers.push(Number(field.readBigUInt64LE(at)))
  return numbers
}

/** Milliseconds; undefined: there is only DOS's local time. */
function unixTime(extra: Buffer): number | undefined {
  const field = extraField(extra, EXTRA_TIME)
  return field.length >= 5 && (field.readUInt8(0) & 1) === 1 ? field.readInt32LE(1) * 1000 : undefined
}

function extraField(extra: Buffer, id: number): Buffer {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = Math.min(at + 4 + extra.readUInt16LE(at + 2), extra.length)
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end)
    at = end
  }
  return Buffer.alloc(0)
}

function dosTime(day: number, time: number): number {
  return Date.UTC(
    1980 + (day >> 9),
    ((day >> 5) & 15) - 1,
    day & 31,
    time >> 11,
    (time >> 5) & 63,
    (time & 31) * 2,
  )
}

interface End {
  readonly count: number
  readonly offset: number
  readonly length: number
}

async function findEnd(file: FileHandle, size: number): Promise<End> {
  const length = Math.min(size, END_BYTES)
  const tail = await readAt(file, size - length, length)
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue
    const end = {
      count: tail.readUInt16LE(at + 10),
      length: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    }
    const isWide = end.count === MAX_16 || end.length === MAX_32 || end.offset === MAX_32
    return isWide ? await wideEnd(file, size - length + at, end) : end
  }
  throw new ZipError('the file is not a zip archive')
}

async function wideEnd(file: FileHandle, endAt: number, end: End): Promise<End> {
  if (endAt < 20) return end
  const locator = await readAt(file, endAt - 20, 20)
  if (locator.readUInt32LE(0) !== LOCATOR64_SIGNATURE) return end
  const record = await readAt(file, Number(locator.readBigUInt64LE(8)), 56)
  if (record.readUInt32LE(0) !== END64_SIGNATURE)
    throw new ZipError('the directory of the archive is damaged')
  return {
    count: Number(record.readBigUInt64LE(32)),
    length: Number(record.readBigUInt64LE(40)),
    offset: Number(record.readBigUInt64LE(48)),
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new ZipError('the directory of the archive is damaged')
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  if (bytesRead < length) throw new ZipError('the archive ends too early')
  return bytes
}
