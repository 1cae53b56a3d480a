import { StringDecoder } from 'node:string_decoder'
import { lastDrawing } from './terminal-text.ts'

/** A line of a job's log, as a terminal shows it beside the lines of other jobs. */
export interface TraceLine {
  /** `command`: the runner's echo of a script line, without its `$ `. */
  readonly kind: 'command' | 'output'
  readonly text: string
}

export interface TraceLines {
  push(bytes: Uint8Array): TraceLine[]
  /** What is left when the log has ended without a newline. */
  end(): TraceLine[]
}

/** Output without newlines is cut here, so that a line never fills the memory. */
const LONGEST_LINE = 64 * 1024

/** The job's own output; the other sections tell of the runner's work, and only their warnings and errors concern a reader. */
const scriptSections: ReadonlySet<string> = new Set(['step_script', 'after_script'])

/** What every marker ends with; looked for first, as most lines have none. */
const MARKER_END = '\r\u001b[0K'
const marker = /section_(start|end):\d+:([A-Za-z0-9_.-]+)(?:\[[^\]\r\n]*\])?\r\u001b\[0K/g

/** GitLab: the runner echoes a command in bold green behind `$ `. */
const commandEcho = /^(?:\u001b\[0K)?\u001b\[32;1m\$ /
const alarm = /^(?:\u001b\[[0-9;]*[mK])*(?:WARNING|ERROR): /
/** The line that every failed job ends with; the printer says the same with the job's exit code. */
const jobFailed = /^(?:\u001b\[[0-9;]*[mK])*ERROR: Job failed: exit (?:status|code) \d+/

export function withoutMarkers(text: string): string {
  return text.replace(marker, '')
}

/** Turns the bytes of one job's log into the lines worth showing while it runs. */
export function traceLines(): TraceLines {
  const decoder = new StringDecoder('utf8')
  const open: string[] = []
  let rest = ''
  let heading = false

  function show(raw: string, into: TraceLine[]): void {
    const isHeading = heading
    heading = false
    if (isHeading || jobFailed.test(raw)) return
    const section = open[0]
    if ((section === undefined || !scriptSections.has(section)) && !alarm.test(raw)) return
    const isCommand = commandEcho.test(raw)
    into.push({
      kind: isCommand ? 'command' : 'output',
      text: lastDrawing(isCommand ? raw.replace(commandEcho, '') : raw),
    })
  }

  function enter(name: string): void {
    open.push(name)
    // The runner writes a section's heading behind its marker, on the same line.
    heading = open.length === 1
  }

  function leave(name: string): void {
    const at = open.lastIndexOf(name)
    if (at !== -1) open.length = at
    heading = false
  }

  /** Markers stand anywhere in a line: output without a final newline is followed by the next one at once. */
  function line(text: string, into: TraceLine[]): void {
    if (!text.includes(MARKER_END)) return show(text, into)
    let from = 0
    for (const match of text.matchAll(marker)) {
      if (match.index > from) show(text.slice(from, match.index), into)
      from = match.index + match[0].length
      if (match[1] === 'start') enter(match[2] ?? '')
      else leave(match[2] ?? '')
    }
    if (from === 0 || from < text.length) show(text.slice(from), into)
  }

  function take(text: string): TraceLine[] {
    const lines: TraceLine[] = []
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) line(part, lines)
    if (rest.length > LONGEST_LINE) {
      line(rest, lines)
      rest = ''
    }
    return lines
  }

  return {
    push: (bytes) => take(decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))),
    end() {
      const lines = take(decoder.end())
      if (rest !== '') line(rest, lines)
      rest = ''
      return lines
    },
  }
}
