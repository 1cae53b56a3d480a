import { setImmediate } from 'node:timers/promises'
import type { Store } from '../../store/store.ts'
import { traceWriter, type TraceHtml } from './trace-html.ts'
import { traceTokenizer } from './trace-view.ts'

/** A page shows this much of a log's end; the rest is behind the link to the raw log. */
const MOST_BYTES = 2 * 1024 * 1024
const MOST_LINES = 20_000
/** Other requests have their turn in between. */
const SLICE_BYTES = 64 * 1024

export interface ShownLog extends TraceHtml {
  /** Bytes of the whole log. */
  readonly size: number
  /** Bytes at its begin that are not shown. */
  readonly skipped: number
}

/** The last part of a log as HTML, however long the log is. */
export async function readLog({ traces }: Pick<Store, 'traces'>, path: string): Promise<ShownLog> {
  const size = traces.sizeOf(path)
  const from = Math.max(0, size - MOST_BYTES)
  const chunks: Buffer[] = []
  if (size > 0)
    for await (const chunk of traces.read(path, from, size)) chunks.push(Buffer.from(chunk as Uint8Array))
  const bytes = Buffer.concat(chunks)
  const start = beginOfShown(bytes, from > 0)
  const skipped = from + start
  return { ...(await render(bytes.subarray(start), skipped === 0)), size, skipped }
}

async function render(bytes: Buffer, numbered: boolean): Promise<TraceHtml> {
  const writer = traceWriter(numbered)
  const tokenizer = traceTokenizer((item) => writer.add(item))
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    tokenizer.push(bytes.subarray(at, at + SLICE_BYTES))
    await setImmediate()
  }
  tokenizer.end()
  return writer.finish()
}

/** Behind the last newline before so many lines; a first line that was cut is left out where there is a second. */
function beginOfShown(bytes: Buffer, cut: boolean): number {
  let at = bytes.length
  for (let lines = 0; lines <= MOST_LINES; lines++) {
    at = at <= 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1)
    if (at === -1) return cut ? bytes.indexOf(0x0a) + 1 : 0
  }
  return at + 1
}
