import { createWriteStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openInside, realRoot, type OpenFile } from '../../platform/open-inside.ts'
import { readAndClose } from '../../platform/read-pieces.ts'
import { deflated, writeZip, type ZipEntry } from '../../platform/zip-writer.ts'
import { openingFailed } from './unreadable.ts'
import type { TreeEntry } from './walk.ts'

export interface Packed {
  /** How many files are in it. */
  readonly files: number
  /** Bytes of the packed file. */
  readonly size: number
}

/**
 * Packs files below a folder into one file, as gitlab-runner does: `gzip` puts them one after the other as members of their own, `raw`
 * takes exactly one as it is. What is no regular file (any more) is left out, and told. Rejects with the file system's error.
 */
export async function packFiles(
  root: string,
  entries: readonly TreeEntry[],
  format: 'gzip' | 'raw' | 'zip',
  target: string,
  leftOut: (path: string) => void,
): Promise<Packed> {
  const real = await realRoot(root)
  const files = entries.filter(({ kind }) => kind === 'file')
  for (const { path, kind } of entries) if (kind === 'link') leftOut(path)
  const count = { files: 0 }
  const found = (): void => void count.files++
  const content =
    format === 'zip'
      ? writeZip(zipEntries(real, files, found, leftOut))
      : format === 'gzip'
        ? members(real, files, found, leftOut)
        : whole(real, files, found, leftOut)
  const output = createWriteStream(target, { mode: 0o600 })
  await pipeline(content, output)
  return { files: count.files, size: output.bytesWritten }
}

/** gitlab-runner: `only one file can be send as raw`. */
export const ONE_RAW_FILE = 'only one file can be send as raw'

async function* whole(
  root: string,
  files: readonly TreeEntry[],
  found: () => void,
  leftOut: (path: string) => void,
): AsyncGenerator<Buffer> {
  for (const { path } of files) {
    const bytes = await bytesOf(root, path)
    if (!bytes) leftOut(path)
    else {
      found()
      yield* bytes
    }
  }
}

async function* members(
  root: string,
  files: readonly TreeEntry[],
  found: () => void,
  leftOut: (path: string) => void,
): AsyncGenerator<Buffer> {
  for (const { path } of files) {
    const bytes = await bytesOf(root, path)
    if (!bytes) {
      leftOut(path)
      continue
    }
    found()
    yield* member(path, bytes)
  }
}

/** One gzip member (RFC 1952) with the file's name, and its path as comment, as gitlab-runner writes it. */
async function* member(path: string, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const head = Buffer.from([0x1f, 0x8b, 8, 0x18, 0, 0, 0, 0, 0, 255])
  yield Buffer.concat([head, latin1(basename(path)), latin1(path)])
  const sums = { crc: 0, size: 0 }
  yield* deflated(content, sums)
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(sums.crc, 0)
  tail.writeUInt32LE(sums.size % 2 ** 32, 4)
  yield tail
}

/** Zero-terminated; what gzip's character set has not becomes `?`. */
function latin1(text: string): Buffer {
  return Buffer.from(`${text.replaceAll(/[^\u0001-\u00ff]/g, '?')}\0`, 'latin1')
}

async function bytesOf(root: string, path: string): Promise<AsyncIterable<Buffer> | undefined> {
  const file = await openToPack(root, path)
  return file && contentOf(file)
}

async function* zipEntries(
  root: string,
  files: readonly TreeEntry[],
  found: () => void,
  leftOut: (path: string) => void,
): AsyncGenerator<ZipEntry> {
  for (const { path } of files) {
    const file = await openToPack(root, path)
    if (!file) {
      leftOut(path)
      continue
    }
    found()
    const { size, mode, mtimeMs: mtime } = file.stat
    const open = async (): Promise<AsyncIterable<Buffer>> => contentOf(file)
    yield { name: path, kind: 'file', size, mode, mtime, open }
  }
}

function contentOf({ handle, stat }: OpenFile): AsyncIterable<Buffer> {
  return readAndClose(handle, stat.size)
}

async function openToPack(root: string, path: string): Promise<OpenFile | undefined> {
  try {
    return await openInside(root, path)
  } catch (error) {
    throw openingFailed(path, error)
  }
}
