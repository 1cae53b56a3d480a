// The parts of a zip file (PKWARE's APPNOTE) that are written and read here.

export const LOCAL_SIGNATURE = 0x04034b50
export const CENTRAL_SIGNATURE = 0x02014b50
export const END_SIGNATURE = 0x06054b50
export const END64_SIGNATURE = 0x06064b50
export const LOCATOR64_SIGNATURE = 0x07064b50
export const DESCRIPTOR_SIGNATURE = 0x08074b50

export const STORED = 0
export const DEFLATED = 8

export const FLAG_ENCRYPTED = 1
/** Sizes and checksum follow the content. */
export const FLAG_DESCRIPTOR = 8
export const FLAG_UTF8 = 0x800

export const EXTRA_ZIP64 = 1
export const EXTRA_TIME = 0x5455

export const MAX_16 = 0xffff
export const MAX_32 = 0xffffffff

/** Unix, 4.5: what zip64 needs. */
const MADE_BY = (3 << 8) | 45

export const S_IFMT = 0o170000
export const S_IFDIR = 0o040000
export const S_IFLNK = 0o120000
export const S_IFREG = 0o100000

/** An entry as both of its headers tell it. */
export interface ZipHeader {
  /** Of a folder with `/` at its end. */
  readonly name: Buffer
  readonly method: typeof STORED | typeof DEFLATED
  readonly flags: number
  readonly crc: number
  readonly compressed: number
  readonly size: number
  /** With the type of the file. */
  readonly mode: number
  /** Milliseconds since the epoch. */
  readonly mtime: number
  /** Of the local header. */
  readonly offset: number
  readonly zip64: boolean
}

export function localHeader(header: ZipHeader): Buffer {
  const later = (header.flags & FLAG_DESCRIPTOR) !== 0
  const sizes = Buffer.alloc(header.zip64 ? 20 : 0)
  if (header.zip64) {
    sizes.writeUInt16LE(EXTRA_ZIP64, 0)
    sizes.writeUInt16LE(16, 2)
    sizes.writeBigUInt64LE(BigInt(later ? 0 : header.size), 4)
    sizes.writeBigUInt64LE(BigInt(later ? 0 : header.compressed), 12)
  }
  const extra = Buffer.concat([sizes, timeExtra(header.mtime)])
  const fixed = Buffer.alloc(30)
  fixed.writeUInt32LE(LOCAL_SIGNATURE, 0)
  fixed.writeUInt16LE(header.zip64 ? 45 : 20, 4)
  fixed.writeUInt16LE(header.flags, 6)
  fixed.writeUInt16LE(header.method, 8)
  writeDosTime(fixed, 10, header.mtime)
  fixed.writeUInt32LE(later ? 0 : header.crc, 14)
  fixed.writeUInt32LE(header.zip64 ? MAX_32 : later ? 0 : header.compressed, 18)
  fixed.writeUInt32LE(header.zip64 ? MAX_32 : later ? 0 : header.size, 22)
  fixed.writeUInt16LE(header.name.length, 26)
  fixed.writeUInt16LE(extra.length, 28)
  return Buffer.concat([fixed, header.name, extra])
}

/** Follows content whose size was not known before. */
export function descriptor({ crc, compressed, size, zip64 }: ZipHeader): Buffer {
  const bytes = Buffer.alloc(zip64 ? 24 : 16)
  bytes.writeUInt32LE(DESCRIPTOR_SIGNATURE, 0)
  bytes.writeUInt32LE(crc, 4)
  if (zip64) {
    bytes.writeBigUInt64LE(BigInt(compressed), 8)
    bytes.writeBigUInt64LE(BigInt(size), 16)
  } else {
    bytes.writeUInt32LE(compressed, 8)
    bytes.writeUInt32LE(size, 12)
  }
  return bytes
}

export function centralHeader(header: ZipHeader): Buffer {
  const wide = [header.size, header.compressed, header.offset].filter((value) => value >= MAX_32)
  const sizes = Buffer.alloc(wide.length === 0 ? 0 : 4 + wide.length * 8)
  if (wide.length > 0) {
    sizes.writeUInt16LE(EXTRA_ZIP64, 0)
    sizes.writeUInt16LE(wide.length * 8, 2)
    for (const [index, value] of wide.entries()) sizes.writeBigUInt64LE(BigInt(value), 4 + index * 8)
  }
  const extra = Buffer.concat([sizes, timeExtra(header.mtime)])
  const fixed = Buffer.alloc(46)
  fixed.writeUInt32LE(CENTRAL_SIGNATURE, 0)
  fixed.writeUInt16LE(MADE_BY, 4)
  fixed.writeUInt16LE(header.zip64 || wide.length > 0 ? 45 : 20, 6)
  fixed.writeUInt16LE(header.flags, 8)
  fixed.writeUInt16LE(header.method, 10)
  writeDosTime(fixed, 12, header.mtime)
  fixed.writeUInt32LE(header.crc, 16)
  fixed.writeUInt32LE(Math.min(header.compressed, MAX_32), 20)
  fixed.writeUInt32LE(Math.min(header.size, MAX_32), 24)
  fixed.writeUInt16LE(header.name.length, 28)
  fixed.writeUInt16LE(extra.length, 30)
  // The low byte is for DOS: it knows folders.
  fixed.writeUInt32LE(((header.mode << 16) | ((header.mode & S_IFMT) === S_IFDIR ? 0x10 : 0)) >>> 0, 38)
  fixed.writeUInt32LE(Math.min(header.offset, MAX_32), 42)
  return Buffer.concat([fixed, header.name, extra])
}

/** The end of a zip whose central directory begins at `offset`. */
export function endRecords(count: number, offset: number, length: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END_SIGNATURE, 0)
  end.writeUInt16LE(Math.min(count, MAX_16), 8)
  end.writeUInt16LE(Math.min(count, MAX_16), 10)
  end.writeUInt32LE(Math.min(length, MAX_32), 12)
  end.writeUInt32LE(Math.min(offset, MAX_32), 16)
  if (count < MAX_16 && offset < MAX_32 && length < MAX_32) return end
  const end64 = Buffer.alloc(56)
  end64.writeUInt32LE(END64_SIGNATURE, 0)
  end64.writeBigUInt64LE(44n, 4)
  end64.writeUInt16LE(MADE_BY, 12)
  end64.writeUInt16LE(45, 14)
  end64.writeBigUInt64LE(BigInt(count), 24)
  end64.writeBigUInt64LE(BigInt(count), 32)
  end64.writeBigUInt64LE(BigInt(length), 40)
  end64.writeBigUInt64LE(BigInt(offset), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(LOCATOR64_SIGNATURE, 0)
  locator.writeBigUInt64LE(BigInt(offset + length), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([end64, locator, end])
}

/** Seconds since the epoch; DOS has local time and two seconds only. */
function timeExtra(mtime: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes.writeUInt16LE(EXTRA_TIME, 0)
  bytes.writeUInt16LE(5, 2)
  bytes.writeUInt8(1, 4)
  bytes.writeInt32LE(Math.max(0, Math.min(0x7fffffff, Math.floor(mtime / 1000))), 5)
  return bytes
}

function writeDosTime(bytes: Buffer, at: number, mtime: number): void {
  const date = new Date(Math.max(mtime, Date.UTC(1980, 0, 1)))
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1)
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate()
  bytes.writeUInt16LE(time & MAX_16, at)
  bytes.writeUInt16LE(day & MAX_16, at + 2)
}
