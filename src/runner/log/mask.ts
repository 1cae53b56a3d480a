import { CLOSED, type MatchList, type Tail } from './match-list.ts'
import { searchFor } from './needle-search.ts'
import type { Needles } from './needles.ts'

/** Replaces secrets in a stream of bytes, wherever its pieces are cut. */
export interface Masker {
  /** What may be shown of the stream so far; may be a view of the bytes given. A possible beginning of a secret is held back. */
  write(bytes: Buffer): Buffer
  /** Gives out what is held back: it did not become a secret. */
  end(): Buffer
}

const MASK = Buffer.from('[MASKED]')
const NOTHING = Buffer.alloc(0)

/**
 * All occurrences of all secrets count, overlapping ones too; those that overlap become one `[MASKED]`, those that only touch
 * become two. Works on bytes, so a secret is found inside broken or binary text, and a mask never falls into a character
 * that was not part of the secret. Bytes without a secret pass unchanged and uncopied.
 */
export function createMasker(needles: Needles): Masker {
  const search = searchFor(needles)
  let held: Buffer = NOTHING
  /** So many of the held bytes belong to a mask that is already written. */
  let covered = 0
  /** How the written mask goes on over the bytes that follow. */
  let tail: Tail = CLOSED

  function step(data: Buffer, last: boolean): Buffer {
    const found = search.find(data)
    const undecided = last ? data.length : search.undecidedFrom(data)
    if (found.count === 0 && covered === 0 && tail === CLOSED) {
      keep(data, undecided, 0)
      return data.subarray(0, undecided)
    }
    const limit = last ? data.length : decidedUpTo(found, undecided)
    const shown = show(data, found, limit, last)
    keep(data, limit, Math.max(0, shown.masked - limit))
    return shown.text
  }

  /** Everything up to `limit`, with masks; and the end of the last mask. */
  function show(
    data: Buffer,
    found: MatchList,
    limit: number,
    last: boolean,
  ): { text: Buffer; masked: number } {
    const text = Buffer.allocUnsafeSlow(limit + found.count * MASK.length)
    let size = 0
    let masked = tail === CLOSED ? covered : search.tailEnd(tail, data, covered)
    if (masked < data.length) tail = CLOSED
    for (let index = 0; index < found.count; index++) {
      const maskStart = found.maskStart[index] as number // within the list, as are all of these
      const maskEnd = found.maskEnd[index] as number
      if (!last && ((found.start[index] as number) >= limit || maskStart >= limit)) continue
      const open = found.open[index] as Tail
      if (maskStart >= masked) {
        size = copy(data, masked, maskStart, text, size)
        size = copy(MASK, 0, MASK.length, text, size)
        tail = CLOSED
      }
      if (maskEnd > masked) tail = open
      else if (maskEnd === masked && open > tail) tail = open
      masked = Math.max(masked, maskEnd)
    }
    if (masked < limit) size = copy(data, masked, limit, text, size)
    if (last) tail = CLOSED
    return { text: text.subarray(0, size), masked }
  }

  function keep(data: Buffer, from: number, coveredBytes: number): void {
    held = from === data.length ? NOTHING : Buffer.from(data.subarray(from))
    covered = coveredBytes
  }

  return {
    write: (bytes) =>
      bytes.length === 0 ? NOTHING : step(held.length === 0 ? bytes : Buffer.concat([held, bytes]), false),
    end: () => step(held, true),
  }
}

/** A token prefix whose mask would begin among undecided bytes is itself undecided. */
function decidedUpTo(found: MatchList, undecided: number): number {
  let limit = undecided
  // Backwards: lowering the limit can undecide a prefix that begins earlier.
  for (let index = found.count - 1; index >= 0 && (found.maskStart[index] as number) >= limit; index--)
    limit = Math.min(limit, found.start[index] as number)
  return limit
}

/** A call into the engine costs more than the copy of a short piece. */
const SHORT = 128

function copy(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  if (end - start > SHORT) to.set(from.subarray(start, end), at)
  else for (let index = start; index < end; index++) to[at + index - start] = from[index] as number
  return at + end - start
}
