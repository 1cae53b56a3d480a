import { duration } from './duration.ts'
import type { TextStyle, TraceColor } from './trace-style.ts'
import type { TraceItem, TraceSpan } from './trace-view.ts'

/** Deeper sections are shown as lines. */
const DEEPEST_SECTION = 16
/** A log that paints a gradient could ask for millions of rules. Colours beyond these are shown as plain text. */
const MOST_COLORS = 2048

/** A log as HTML, and the rules for the colours that are not in the style sheet. */
export interface TraceHtml {
  readonly html: string
  readonly css: string
}

export interface TraceWriter {
  add(item: TraceItem): void
  /** Closes what is open. */
  finish(): TraceHtml
}

/** One element of the page while it is being written: the log itself, or a section of it. */
interface Frame {
  readonly name: string
  readonly at: number
  readonly collapsed: boolean
  readonly title: string
  readonly parts: string[]
}

/**
 * Writes lines and sections as HTML text. Not JSX: tens of thousands of lines, each of them three nodes. Every text of the log
 * passes `escaped`. `numbered`: lines get numbers and anchors; not so when the log's begin is missing.
 */
export function traceWriter(numbered: boolean): TraceWriter {
  const colors = new Map<string, string>()
  const frames: Frame[] = [{ name: '', at: 0, collapsed: false, title: '', parts: [] }]
  let lines = 0

  function append(html: string): void {
    frames.at(-1)?.parts.push(html)
  }

  function addLine(spans: readonly TraceSpan[]): void {
    lines++
    const number = numbered ? `<a class="number" href="#L${lines}">${lines}</a>` : ''
    append(
      `<div class="line"${numbered ? ` id="L${lines}"` : ''}>${number}${spans.map(span).join('')}</div>\n`,
    )
  }

  function openSection({ name, at, collapsed, title }: Extract<TraceItem, { kind: 'section_start' }>): void {
    if (frames.length > DEEPEST_SECTION) addLine(title)
    else frames.push({ name, at, collapsed, title: title.map(span).join('') || escaped(name), parts: [] })
  }

  /** Ends the section and what is still open within it. An end without a begin is no end. */
  function closeSection(name: string, at: number | null): void {
    if (!frames.slice(1).some((frame) => frame.name === name)) return
    for (;;) {
      const frame = closeInnermost(at)
      if (frame === undefined || frame.name === name) return
    }
  }

  function closeInnermost(at: number | null): Frame | undefined {
    if (frames.length === 1) return undefined
    const frame = frames.pop()
    if (!frame) return undefined
    const took = at === null ? '' : ` <span class="took">${duration((at - frame.at) * 1000)}</span>`
    const open = frame.collapsed ? '' : ' open'
    append(`<details${open}><summary>${frame.title}${took}</summary>\n${frame.parts.join('')}</details>\n`)
    return frame
  }

  function span({ text, style }: TraceSpan): string {
    const classes = classesOf(style, colorClass)
    return classes === '' ? escaped(text) : `<span class="${classes}">${escaped(text)}</span>`
  }

  /** `ground`: `fg` or `bg`. */
  function colorClass(ground: string, color: TraceColor): string {
    if (typeof color === 'number') return `${ground}${color}`
    const name = `${ground}-${color.slice(1)}`
    if (!colors.has(name) && colors.size >= MOST_COLORS) return ''
    colors.set(name, `.${name}{${ground === 'fg' ? 'color' : 'background-color'}:${color}}`)
    return name
  }

  return {
    add(item) {
      if (item.kind === 'line') addLine(item.spans)
      else if (item.kind === 'section_start') openSection(item)
      else closeSection(item.name, item.at)
    },
    finish() {
      while (closeInnermost(null));
      return { html: frames[0]?.parts.join('') ?? '', css: [...colors.values()].join('') }
    },
  }
}

function classesOf(style: TextStyle, colorClass: (ground: string, color: TraceColor) => string): string {
  const { inverse } = style
  const [foreground, background] = inverse
    ? [style.background, style.foreground]
    : [style.foreground, style.background]
  return [
    inverse && foreground === null ? 'fg-inverse' : '',
    inverse && background === null ? 'bg-inverse' : '',
    foreground === null ? '' : colorClass('fg', foreground),
    background === null ? '' : colorClass('bg', background),
    style.bold ? 'bold' : '',
    style.dim ? 'dim' : '',
    style.italic ? 'italic' : '',
    style.underline ? 'underline' : '',
    style.struck ? 'struck' : '',
    style.hidden ? 'concealed' : '',
  ]
    .filter((name) => name !== '')
    .join(' ')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
