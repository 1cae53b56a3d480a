/** The last bytes of a script's output, from which the reason of a failure can be guessed. */
export interface OutputTail {
  take(bytes: Buffer): void
  text(): string
}

const KEPT = 8 * 1024

/** Costs a copy of 8 KiB for each piece, however large it is. */
export function outputTail(): OutputTail {
  let kept = Buffer.alloc(0)
  return {
    take(bytes) {
      const more = bytes.subarray(Math.max(0, bytes.length - KEPT))
      const before = kept.subarray(Math.max(0, kept.length + more.length - KEPT))
      kept = Buffer.concat([before, more])
    },
    text: () => kept.toString('latin1'),
  }
}
