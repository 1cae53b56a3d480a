import { StringDecoder } from 'node:string_decoder'
import { terminalText } from './terminal-text.ts'
import { withoutMarkers } from './trace-lines.ts'

/** A line without an end is not held back for longer than this. */
const LONGEST_HELD = 1024 * 1024

/** The bytes of a log as text that a terminal may show: without section markers, and with colours only where they are wanted. */
export async function* storedLog(bytes: AsyncIterable<Buffer>, keepColors: boolean): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of bytes) {
    const text = rest + decoder.write(chunk)
    // Whole lines only: a marker or a colour is never cut in two.
    const end = text.length > LONGEST_HELD ? text.length : text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    if (end > 0) yield shown(text.slice(0, end), keepColors)
  }
  yield shown(rest + decoder.end(), keepColors)
}

function shown(text: string, keepColors: boolean): string {
  return terminalText(withoutMarkers(text), keepColors).replaceAll('\r\n', '\n')
}
