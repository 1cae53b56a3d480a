import { timestampStrip } from './trace-timestamps.ts'
import { styleAfter, PLAIN, type TextStyle } from './trace-style.ts'

/** A piece of a line in one style. */
export interface TraceSpan {
  readonly text: string
  readonly style: TextStyle
}

/** What a log says, in order. Times are seconds since the epoch, as the runner wrote them. */
export type TraceItem =
  | { readonly kind: 'line'; readonly spans: readonly TraceSpan[] }
  | {
      readonly kind: 'section_start'
      readonly name: string
      readonly at: number
      readonly collapsed: boolean
      readonly title: readonly TraceSpan[]
    }
  | { readonly kind: 'section_end'; readonly name: string; readonly at: number }

export interface TraceTokenizer {
  /** Takes the next bytes; they may end anywhere, also within a character or an escape sequence. */
  push(bytes: Uint8Array): void
  /** Takes the end of the log: a last line needs no newline. */
  end(): void
}

/** A control sequence that is longer is no control sequence. */
const LONGEST_SEQUENCE = 4096

/** The characters that are not text, and the word that begins a section's mark. */
const SPECIAL = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F]|section_(?=start:|end:)/g
const SECTION_MARK =
  /section_(start|end):(\d{1,15}):([a-zA-Z0-9_.-]{1,256})(\[[^\]\r\n]{0,512}\])?\r\u001B\[0K/y
const CONTROL_SEQUENCE = /\u001B\[([0-9:;<=>?]*)[ -/]*([@-~])/y
const STRING_SEQUENCE = /\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)/y
const SHORT_SEQUENCE = /\u001B[ -/]*[0-OQ-WYZ\\`-~]/y

/**
 * Turns a log's bytes into lines and sections. Colours become styles, a carriage return starts the line over (GitLab), every
 * other control sequence is dropped: a log is hostile text.
 */
export function traceTokenizer(emit: (item: TraceItem) => void): TraceTokenizer {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const timestamps = timestampStrip()
  let pending = ''
  let style = PLAIN
  let spans: TraceSpan[] = []
  /** After `\r` the line stands until something is written over it: `\r\n` is an end of line. */
  let overwrite = false
  /** A line that held nothing but the mark of a section is no line. */
  let marked = false
  let opening: Extract<TraceItem, { kind: 'section_start' }> | undefined

  function write(text: string): void {
    if (text === '') return
    if (overwrite) spans = []
    overwrite = false
    const last = spans.at(-1)
    if (last?.style === style) spans[spans.length - 1] = { text: last.text + text, style }
    else spans.push({ text, style })
  }

  function endLine(): void {
    if (opening) emit({ ...opening, title: spans })
    else if (spans.length > 0 || !marked) emit({ kind: 'line', spans })
    opening = undefined
    spans = []
    overwrite = false
    marked = false
  }

  function mark(kind: string, at: number, name: string, options: string): void {
    if (spans.length > 0 || opening) endLine()
    marked = true
    if (kind === 'end') emit({ kind: 'section_end', name, at })
    else
      opening = {
        kind: 'section_start',
        name,
        at,
        collapsed: /[[,]collapsed=true[\],]/.test(options),
        title: [],
      }
  }

  function control(parameters: string, final: string): void {
    if (final === 'm') style = styleAfter(style, parameters)
    else if (final === 'K' && (overwrite || parameters === '1' || parameters === '2')) spans = []
  }

  /** What one special character, or the sequence it begins, is; how long it is; 0 when the rest of it has not come yet. */
  function special(text: string, at: number, whole: boolean): number {
    const character = text[at]
    if (character === 's') return sectionMark(text, at, whole)
    if (character === '\u001B') return escape(text, at, whole)
    if (character === '\n') endLine()
    else if (character === '\r') overwrite = true
    return 1
  }

  function sectionMark(text: string, at: number, whole: boolean): number {
    const [matched, kind = '', time = '', name = '', options = ''] = matchAt(SECTION_MARK, text, at) ?? []
    if (matched !== undefined) {
      mark(kind, Number(time), name, options)
      return matched.length
    }
    if (
      !whole &&
      /^section_\w+:[^\n\u001B]*(?:\u001B(?:\[0?)?)?$/.test(text.slice(at, at + LONGEST_SEQUENCE))
    )
      return 0
    write('s')
    return 1
  }

  function escape(text: string, at: number, whole: boolean): number {
    const [matched, parameters = '', final = ''] = matchAt(CONTROL_SEQUENCE, text, at) ?? []
    if (matched !== undefined) {
      control(parameters, final)
      return matched.length
    }
    const dropped = matchAt(STRING_SEQUENCE, text, at) ?? matchAt(SHORT_SEQUENCE, text, at)
    if (dropped) return dropped[0].length
    return whole || isBroken(text, at) ? 1 : 0
  }

  function read(whole: boolean): void {
    let at = 0
    for (;;) {
      SPECIAL.lastIndex = at
      const found = SPECIAL.exec(pending)
      if (!found) {
        const end = whole ? pending.length : pending.length - partialMark(pending)
        write(pending.slice(at, Math.max(at, end)))
        pending = pending.slice(Math.max(at, end))
        return
      }
      write(pending.slice(at, found.index))
      const taken = special(pending, found.index, whole || pending.length - found.index >= LONGEST_SEQUENCE)
      if (taken === 0) {
        pending = pending.slice(found.index)
        return
      }
      at = found.index + taken
    }
  }

  return {
    push(bytes) {
      pending += timestamps.push(decoder.decode(bytes, { stream: true }))
      read(false)
    },
    end() {
      pending += timestamps.push(decoder.decode()) + timestamps.end()
      read(true)
      if (spans.length > 0 || opening) endLine()
    },
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** Nothing that may still come makes this escape character the begin of a sequence. */
function isBroken(text: string, at: number): boolean {
  return !/^\u001B(?:\[[0-9:;<=>?]*[ -/]*|[\]PX^_][^\u0007\u001B]*\u001B?|[ -/]*)?$/.test(
    text.slice(at, at + LONGEST_SEQUENCE),
  )
}

/** How many characters at the end may be the begin of a section's mark. */
function partialMark(text: string): number {
  for (let length = Math.min('section_start:'.length - 1, text.length); length > 0; length--) {
    const tail = text.slice(-length)
    if ('section_start:'.startsWith(tail) || 'section_end:'.startsWith(tail)) return length
  }
  return 0
}
