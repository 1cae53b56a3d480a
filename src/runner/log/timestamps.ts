/** Puts gitlab-runner's header (`FF_TIMESTAMPS`) before each line of a log. */
export interface Stamper {
  /** `stream`: who speaks. The bytes are copied. */
  stamp(bytes: Buffer, stream: StampStream): Buffer
}

/** The runner's own lines, and the output of the job, whose stdout and stderr are one stream here. */
export type StampStream = '00O' | '01O'

/** gitlab-runner cuts a line there and goes on with a `+`. */
const LONGEST_PIECE = 8 * 1024
const NEWLINE = 0x0a
const RETURN = 0x0d

/**
 * `2026-01-31T12:00:00.123000Z 01O ` and the line; with `+` for the last character when it goes on with the last line of its stream: after 8 KiB, after a
 * write that ended in `\r`, or when the other stream came in between. `now` in milliseconds since 1970.
 */
export function createStamper(now: () => number): Stamper {
  /** The stream of a line that is not ended, and its length so far. */
  let open: StampStream | undefined
  let length = 0
  const broken = new Set<StampStream>()

  function breakLine(pieces: Buffer[]): void {
    if (open === undefined) return
    broken.add(open)
    pieces.push(LINE_END)
    open = undefined
  }

  return {
    stamp(bytes, stream) {
      const time = new Date(now()).toISOString().replace('Z', '000Z')
      const pieces: Buffer[] = []
      if (open !== stream) breakLine(pieces)
      for (let at = 0; at < bytes.length;) {
        if (open === undefined) {
          pieces.push(Buffer.from(`${time} ${stream}${broken.delete(stream) ? '+' : ' '}`))
          open = stream
          length = 0
        }
        const newline = bytes.indexOf(NEWLINE, at)
        const end = Math.min(newline === -1 ? bytes.length : newline + 1, at + LONGEST_PIECE - length)
        pieces.push(bytes.subarray(at, end))
        length += end - at
        at = end
        if (bytes[end - 1] === NEWLINE) open = undefined
        else if (length >= LONGEST_PIECE) breakLine(pieces)
      }
      if (bytes.at(-1) === RETURN) breakLine(pieces)
      return Buffer.concat(pieces)
    },
  }
}

const LINE_END = Buffer.from('\n')
