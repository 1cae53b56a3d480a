import { storedLog } from '../stored-log.ts'

export interface PrintOptions {
  readonly out: (text: string) => void
  readonly keepColors: boolean
  /** Only so many lines at the end; undefined: all. */
  readonly tail: number | undefined
}

/** Prints a log as a terminal may show it, and returns how many bytes it had. */
export async function printLog(bytes: AsyncIterable<Uint8Array>, options: PrintOptions): Promise<number> {
  let size = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      size += chunk.length
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    }
  }
  const text = storedLog(counted(), options.keepColors)
  if (options.tail === undefined) for await (const piece of text) options.out(piece)
  else options.out(await lastLines(text, options.tail))
  return size
}

/** The last lines of a text of any length; no more of it is kept in memory than those, and one piece. */
export async function lastLines(pieces: AsyncIterable<string>, count: number): Promise<string> {
  let kept: string[] = []
  for await (const piece of pieces) {
    const open = kept.at(-1)?.endsWith('\n') === false ? (kept.pop() ?? '') : ''
    kept.push(...`${open}${piece}`.split(/(?<=\n)/).filter((line) => line !== ''))
    if (kept.length > count) kept = kept.slice(-count)
  }
  return kept.join('')
}

/** Bytes that come one by one, as a log that is printed while it grows. */
export interface GrowingLog {
  push(bytes: Uint8Array): void
  end(): void
  readonly bytes: AsyncIterable<Uint8Array>
}

export function growingLog(): GrowingLog {
  const waiting: Uint8Array[] = []
  let ended = false
  let wake = (): void => {}
  return {
    push(bytes) {
      waiting.push(bytes)
      wake()
    },
    end() {
      ended = true
      wake()
    },
    bytes: (async function* () {
      for (;;) {
        const next = waiting.shift()
        if (next) yield next
        else if (ended) return
        else await new Promise<void>((resolve) => void (wake = resolve))
      }
    })(),
  }
}
