import type { Needles } from './needles.ts'
import { searchFor, type Match } from './needle-search.ts'

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
  /** The written mask goes on over the token characters that follow. */
  let inToken = false

  function step(data: Buffer, last: boolean): Buffer {
    const matches = search.matches(data)
    if (matches.length === 0 && covered === 0 && !inToken)
      return hold(data, last ? data.length : search.undecidedFrom(data), 0)
    const limit = last ? data.length : decidedUpTo(matches, search.undecidedFrom(data))
    const pieces: Buffer[] = []
    let masked = inToken ? search.tokenEnd(data, covered) : covered
    inToken &&= masked === data.length
    let shown = masked
    for (const match of orderedBelow(matches, limit, last)) {
      if (match.maskStart >= masked) {
        pieces.push(data.subarray(shown, match.maskStart), MASK)
        inToken = false
      }
      if (match.maskEnd > masked) inToken = match.open
      else if (match.maskEnd === masked) inToken ||= match.open
      masked = Math.max(masked, match.maskEnd)
      shown = masked
    }
    if (shown < limit) pieces.push(data.subarray(shown, limit))
    if (last) inToken = false
    hold(data, limit, Math.max(0, masked - limit))
    return pieces.length === 1 ? (pieces[0] ?? NOTHING) : Buffer.concat(pieces)
  }

  function hold(data: Buffer, from: number, coveredBytes: number): Buffer {
    held = from === data.length ? NOTHING : Buffer.from(data.subarray(from))
    covered = coveredBytes
    return data.subarray(0, from)
  }

  return {
    write: (bytes) =>
      bytes.length === 0 ? NOTHING : step(held.length === 0 ? bytes : Buffer.concat([held, bytes]), false),
    end: () => step(held, true),
  }
}

/** A token prefix whose mask would begin among undecided bytes is itself undecided. */
function decidedUpTo(matches: readonly Match[], undecided: number): number {
  let limit = undecided
  // Backwards: lowering the limit can undecide a prefix that begins earlier.
  for (const match of matches.toReversed())
    if (match.start < limit && match.maskStart >= limit) limit = match.start
  return limit
}

function orderedBelow(matches: readonly Match[], limit: number, last: boolean): readonly Match[] {
  const decided = last ? matches : matches.filter((match) => match.start < limit && match.maskStart < limit)
  return decided.toSorted((a, b) => a.maskStart - b.maskStart || b.maskEnd - a.maskEnd)
}
