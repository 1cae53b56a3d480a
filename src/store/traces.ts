import {
  createReadStream,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  write,
  close,
  unlinkSync,
  type ReadStream,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Job logs: plain bytes as their runner wrote them, one file a job. Offsets into that file are the protocol everywhere. */
export interface Traces {
  /** `traces/<yyyy>/<mm>/<job id>.log`, absolute. */
  pathOf(job: { readonly id: number; readonly createdAt: number }): string
  /** Opens for appending; the folder is made when missing. */
  append(path: string): TraceFile
  /** Bytes written so far; 0 when there is no file. */
  sizeOf(path: string): number
  /** From an offset up to, but without, another; up to the end of the file when none is given. */
  read(path: string, from: number, to?: number): ReadStream
  remove(path: string): void
}

export interface TraceFile {
  readonly size: () => number
  write(bytes: Uint8Array): Promise<void>
  /** Takes bytes from the end away again. */
  shorten(by: number): void
  close(): Promise<void>
}

export function openTraces(stateDir: string): Traces {
  return {
    pathOf(job) {
      const created = new Date(job.createdAt)
      const month = String(created.getUTCMonth() + 1).padStart(2, '0')
      return join(stateDir, 'traces', String(created.getUTCFullYear()), month, `${job.id}.log`)
    },
    append(path) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      return traceFile(openSync(path, 'a', 0o600), statSync(path).size)
    },
    sizeOf(path) {
      return statSync(path, { throwIfNoEntry: false })?.size ?? 0
    },
    read(path, from, to) {
      return createReadStream(path, to === undefined ? { start: from } : { start: from, end: to - 1 })
    },
    remove(path) {
      try {
        unlinkSync(path)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      }
    },
  }
}

function traceFile(descriptor: number, start: number): TraceFile {
  let size = start
  return {
    size: () => size,
    async write(bytes) {
      let done = 0
      while (done < bytes.length) {
        const written = await new Promise<number>((resolve, reject) => {
          write(descriptor, bytes, done, bytes.length - done, null, (error, count) =>
            error ? reject(error) : resolve(count),
          )
        })
        done += written
        size += written
      }
    },
    shorten(by) {
      size = Math.max(0, size - by)
      ftruncateSync(descriptor, size)
    },
    close: () =>
      new Promise((resolve, reject) => close(descriptor, (error) => (error ? reject(error) : resolve()))),
  }
}
