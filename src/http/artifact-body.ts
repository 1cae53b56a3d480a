import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openArchiveFile, openArchiveZip } from '../platform/archive-folder.ts'
import { stream, type Reply, type StreamedBody } from './reply.ts'

/**
 * An archive as a zip. It is made while it is sent, so its length is not known; for a part of it, it is made first, in a file that
 * nobody else sees. Undefined when the folder is gone.
 */
export async function archiveReply(
  stateDir: string,
  folder: string,
  name: string,
  range: string | undefined,
): Promise<Reply | undefined> {
  if (!existsSync(folder)) return undefined
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': attachment(name),
    'Content-Transfer-Encoding': 'binary',
    'Accept-Ranges': 'bytes',
  }
  if (range === undefined) return stream({ size: null, open: () => openArchiveZip(folder) }, headers)
  return stream(await spooled(stateDir, openArchiveZip(folder)), headers)
}

/** One file of an archive; undefined when it is not there, or is none. */
export async function fileReply(
  folder: string,
  path: string,
  as: 'by-ending' | 'as-text',
): Promise<Reply | undefined> {
  const file = await openArchiveFile(folder, path)
  if (!file) return undefined
  const type = TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream'
  return stream(partsOf(file.handle, file.stat.size), {
    // GitLab shows a file of a ref as text where it is one, so that no page of a job's runs in a browser.
    'Content-Type': as === 'as-text' && isText(type) ? 'text/plain; charset=utf-8' : type,
    'Content-Disposition': attachment(path.split('/').at(-1) ?? path),
    'Content-Security-Policy': 'sandbox',
  })
}

async function spooled(stateDir: string, zip: Readable): Promise<StreamedBody> {
  const folder = join(stateDir, 'tmp')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `download-${randomBytes(8).toString('hex')}.zip`)
  try {
    await pipeline(zip, createWriteStream(path, { mode: 0o600, flags: 'wx' }))
    const handle = await open(path, 'r')
    return partsOf(handle, (await handle.stat()).size)
  } finally {
    await rm(path, { force: true })
  }
}

/** The handle is closed with the stream that was read from it, or when nobody reads. */
function partsOf(handle: FileHandle, size: number): StreamedBody {
  const slice = (start: number, to: number): Readable =>
    createReadStream('', { fd: handle, start, end: to - 1, autoClose: true })
  return { size, open: () => slice(0, size), slice, discard: () => void handle.close() }
}

/** RFC 6266: what old readers understand, and the name as it is. */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const exact = plain === name ? '' : `; filename*=UTF-8''${encodeURIComponent(name)}`
  return `attachment; filename="${plain}"${exact}`
}

function isText(type: string): boolean {
  return type.startsWith('text/') || type === 'application/json' || type === 'application/xml'
}

const TYPES: Readonly<Record<string, string>> = {
  '.txt': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.yml': 'text/yaml; charset=utf-8',
  '.yaml': 'text/yaml; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
  '.tar': 'application/x-tar',
  '.wasm': 'application/wasm',
}
