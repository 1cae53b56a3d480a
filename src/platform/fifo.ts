import { closeSync, constants, openSync } from 'node:fs'
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net'
import { startGroup } from './process.ts'

const CHUNK = 64 * 1024

/** Makes named pipes that only this user can open. One process for all of them. */
export async function makeFifos(paths: readonly string[]): Promise<void> {
  const started = await startGroup({
    file: 'mkfifo',
    args: ['-m', '600', '--', ...paths],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8' },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  if (!started.ok) throw new Error(`mkfifo: ${started.error}`)
  const exit = await started.value.ended
  if (exit.kind !== 'exited' || exit.code !== 0) throw new Error(`mkfifo failed for ${paths.join(', ')}`)
}

export interface FifoReader {
  /** To be handed to the writer as its stdout and stderr, then closed on our side. */
  readonly writeEnd: number
  closeWriteEnd(): void
  /** Resolves at end-of-file, when the last byte has been taken by the sink. True: every writer has closed. */
  readonly ended: Promise<boolean>
  /** Bytes taken so far. */
  received(): number
  /** Stops reading although somebody may still write. `ended` resolves with false. */
  close(): void
}

/**
 * Opens both ends of a named pipe and hands what is written to it to `sink`. Reading stops while two pieces wait for the
 * sink, so the writer feels back-pressure. A piece is only valid until its promise resolves. At most 64 KiB per piece.
 *
 * A named pipe and not Node's 'pipe', which is a socket pair: opening /dev/stderr inside a job fails on a socket. A socket
 * with two fixed buffers reads 1.4 GB/s; `fs.read` 0.9 GB/s, and each waiting read would hold one of four pool threads.
 */
export function openFifo(path: string, sink: (bytes: Buffer) => Promise<void>): FifoReader {
  // Non-blocking first, as opening for reading alone would wait for a writer.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  let writeEnd: number
  try {
    writeEnd = openSync(path, constants.O_WRONLY)
  } catch (error) {
    closeSync(readEnd)
    throw error
  }
  return readFifo(readEnd, writeEnd, sink)
}

function readFifo(readEnd: number, writeEnd: number, sink: (bytes: Buffer) => Promise<void>): FifoReader {
  const buffers: [Buffer, Buffer] = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)]
  let next = 0
  let waiting = 0
  let received = 0
  let atEnd = false
  let closed = false
  let writeEndOpen = true
  let finish: (clean: boolean) => void = () => {}
  const ended = new Promise<boolean>((resolve) => (finish = resolve))
  const settle = () => {
    if (closed && waiting === 0) finish(atEnd)
  }
  const taken = () => {
    waiting--
    if (!closed) socket.resume()
    settle()
  }
  // `onread` works for every socket, but is only declared for those that connect.
  const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
    fd: readEnd,
    readable: true,
    writable: false,
    onread: {
      buffer: () => buffers[(next ^= 1)] ?? buffers[0],
      callback(size: number, buffer: Uint8Array): boolean {
        received += size
        waiting++
        sink(Buffer.from(buffer.buffer, buffer.byteOffset, size)).then(taken, taken)
        return waiting < 2
      },
    },
  }
  const socket = new Socket(options)
  socket.once('end', () => (atEnd = true))
  socket.on('error', () => {})
  socket.once('close', () => {
    closed = true
    settle()
  })
  socket.resume()
  return {
    writeEnd,
    ended,
    received: () => received,
    closeWriteEnd() {
      if (writeEndOpen) closeSync(writeEnd)
      writeEndOpen = false
    },
    close() {
      socket.destroy()
    },
  }
}
