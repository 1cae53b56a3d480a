import type { FileHandle } from 'node:fs/promises'

const PIECE_BYTES = 1 << 18

/** A file's bytes from an offset, piece by piece, up to so many; without streams, which cost more than a small file. Closes nothing. */
export async function* readPieces(file: FileHandle, from = 0, most = Infinity): AsyncGenerator<Buffer> {
  let at = from
  let left = most
  while (left > 0) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, left))
    const { bytesRead } = await file.read(piece, 0, piece.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    left -= bytesRead
    yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead)
  }
}

/** The same to its end, and then closed, however the reader stops. */
export async function* readAndClose(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  try {
    if (size <= PIECE_BYTES) {
      const content = await file.readFile()
      if (content.length > 0) yield content
    } else yield* readPieces(file)
  } finally {
    await file.close()
  }
}
