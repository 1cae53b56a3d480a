import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { traceWriter } from '../../../src/http/web/trace-html.ts'
import { styleAfter, PLAIN } from '../../../src/http/web/trace-style.ts'
import { traceTokenizer, type TraceItem } from '../../../src/http/web/trace-view.ts'

function tokens(...chunks: readonly (string | Uint8Array)[]): TraceItem[] {
  const items: TraceItem[] = []
  const tokenizer = traceTokenizer((item) => items.push(item))
  for (const chunk of chunks) tokenizer.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  tokenizer.end()
  return items
}

/** Lines as text, sections as `[name` and `name]`. */
function outline(...chunks: readonly (string | Uint8Array)[]): string[] {
  return tokens(...chunks).map((item) => {
    if (item.kind === 'line') return item.spans.map((span) => span.text).join('')
    if (item.kind === 'section_end') return `${item.name}]`
    return `[${item.name}: ${item.title.map((span) => span.text).join('')}${item.collapsed ? ' (collapsed)' : ''}`
  })
}

const E = '\u001B'
const START = (name: string, at = 100): string => `section_start:${at}:${name}\r${E}[0K`
const END = (name: string, at = 103): string => `section_end:${at}:${name}\r${E}[0K`

describe('lines', () => {
  it.each([
    ['a newline ends one', 'a\nb\n', ['a', 'b']],
    ['the last needs none', 'a\nb', ['a', 'b']],
    ['empty ones count', 'a\n\n\nb\n', ['a', '', '', 'b']],
    ['carriage return and newline', 'a\r\nb\r\n', ['a', 'b']],
    ['several carriage returns', 'a\r\r\nb', ['a', 'b']],
    ['a carriage return starts over', '10%\r20%\r100%\ndone\n', ['100%', 'done']],
    ['an erased line', `working\r${E}[0Kdone\n`, ['done']],
    ['a line erased as a whole', `working${E}[2Kdone\n`, ['done']],
    ['erasing the rest of a line erases nothing', `a${E}[Kb\n`, ['ab']],
    ['a tab stays', 'a\tb', ['a\tb']],
    ['nothing', '', []],
    ['other controls are dropped', 'a\u0000\u0007\u0008\u007F\u009Bb', ['ab']],
    ['cursor movements are dropped', `a${E}[2A${E}[10;20H${E}[?25l${E}=${E}7b`, ['ab']],
    ['titles are dropped', `${E}]0;evil\u0007a${E}]0;evil${E}\\b`, ['ab']],
    ['links keep their text', `${E}]8;;http://x\u0007text${E}]8;;\u0007`, ['text']],
    ['the clipboard is left alone', `${E}]52;c;ZXZpbA==\u0007a`, ['a']],
    ['device strings are dropped', `${E}P1$r0m${E}\\a`, ['a']],
    ['a broken sequence costs its escape only', `${E}[31\nb`, ['[31', 'b']],
    ['an escape at the end', `a${E}`, ['a']],
    ['a sequence that never ends', `a${E}]0;${'x'.repeat(10)}`, [`a]0;${'x'.repeat(10)}`]],
  ])('%s', (_what, text, lines) => {
    expect(outline(text)).toEqual(lines)
  })

  it('bytes that are not UTF-8 become replacement characters', () => {
    expect(outline(Buffer.from([0x61, 0xff, 0xfe, 0x62]))).toEqual(['a\uFFFD\uFFFDb'])
  })
})

describe('sections', () => {
  it('have a title, times and an end', () => {
    expect(tokens(`${START('build', 100)}Building\nline\n${END('build', 103)}`)).toEqual([
      {
        kind: 'section_start',
        name: 'build',
        at: 100,
        collapsed: false,
        title: [{ text: 'Building', style: PLAIN }],
      },
      { kind: 'line', spans: [{ text: 'line', style: PLAIN }] },
      { kind: 'section_end', name: 'build', at: 103 },
    ])
  })

  it.each([
    [
      'a line of a mark alone is no line',
      `a\n${START('x')}\nb\n${END('x')}\nc\n`,
      ['a', '[x: ', 'b', 'x]', 'c'],
    ],
    [
      'one ends and the next begins on one line',
      `${START('x')}X\n${END('x')}${START('y')}Y\n${END('y')}\n`,
      ['[x: X', 'x]', '[y: Y', 'y]'],
    ],
    ['collapsed', `section_start:1:x[collapsed=true]\r${E}[0KX\n`, ['[x: X (collapsed)']],
    [
      'other options',
      `section_start:1:x[hide_duration=true,collapsed=true]\r${E}[0KX\n`,
      ['[x: X (collapsed)'],
    ],
    ['a mark within a line ends the line', `a${START('x')}X\n`, ['a', '[x: X']],
    ['text behind an end is a line', `${START('x')}X\n${END('x')}after\n`, ['[x: X', 'x]', 'after']],
    [
      'what only looks like a mark',
      'section_start:x:y\nsection_end\nmy section_start:1:a b\n',
      ['section_start:x:y', 'section_end', 'my section_start:1:a b'],
    ],
  ])('%s', (_what, text, lines) => {
    expect(outline(text)).toEqual(lines)
  })
})

describe('in pieces', () => {
  const LOG = Buffer.from(
    `plain ünïcödé 😀\n${START('a')}${E}[36;1mTitle${E}[0;m\n10%\r20%\r${E}[0K${E}[38;2;1;2;3mrgb${E}[m\n${END('a')}${START('b')}\r\nsection_starving ${E}]0;x\u0007y${E}\n${END('b')}\n`,
  )

  it('gives the same as at once, wherever it is cut', () => {
    const whole = tokens(LOG)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: LOG.length }), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), LOG.length]
        const pieces = at.slice(1).map((end, index) => LOG.subarray(at[index] ?? 0, end))
        expect(outline(...pieces)).toEqual(outline(LOG))
        expect(stylesOf(tokens(...pieces))).toEqual(stylesOf(whole))
      }),
    )
  })

  it('of one byte each', () => {
    expect(outline(...[...LOG].map((byte) => Uint8Array.of(byte)))).toEqual(outline(LOG))
  })

  /** Character by character, so that it does not matter how spans are cut. */
  function stylesOf(items: readonly TraceItem[]) {
    return items.flatMap((item) =>
      item.kind === 'line' ? item.spans.flatMap(({ text, style }) => Array.from(text, () => style)) : [],
    )
  }
})

describe('colours', () => {
  it.each([
    ['31', { foreground: 1 }],
    ['1;32', { bold: true, foreground: 2 }],
    ['97', { foreground: 15 }],
    ['44', { background: 4 }],
    ['101', { background: 9 }],
    ['38;5;9', { foreground: 9 }],
    ['38;5;16', { foreground: '#000000' }],
    ['38;5;208', { foreground: '#ff8700' }],
    ['48;5;255', { background: '#eeeeee' }],
    ['38;2;255;136;0', { foreground: '#ff8800' }],
    ['38;2;255;136;0;1', { foreground: '#ff8800', bold: true }],
    ['48;2;0;0;10', { background: '#00000a' }],
    ['38:5:208', { foreground: '#ff8700' }],
    ['38:2::1:2:3', { foreground: '#010203' }],
    ['38:2:1:2:3', { foreground: '#010203' }],
    ['38;2;256;0;0', {}],
    ['38;5;256', {}],
    ['38', {}],
    ['38;9;1', { bold: true }],
    ['3;4;7;8;9', { italic: true, underline: true, inverse: true, hidden: true, struck: true }],
    ['1;22', {}],
    ['31;39', {}],
    ['', {}],
    ['0', {}],
    ['31;0;4', { underline: true }],
    ['999', {}],
    ['?25', {}],
  ])('%s', (parameters, style) => {
    expect(styleAfter(PLAIN, parameters)).toEqual({ ...PLAIN, ...style })
  })

  it('last over the end of a line', () => {
    expect(
      tokens(`${E}[31ma\nb${E}[0m\n`).map((item) => item.kind === 'line' && item.spans[0]?.style.foreground),
    ).toEqual([1, 1])
  })
})

describe('as HTML', () => {
  function html(text: string, numbered = true) {
    const writer = traceWriter(numbered)
    const tokenizer = traceTokenizer((item) => writer.add(item))
    tokenizer.push(Buffer.from(text))
    tokenizer.end()
    return writer.finish()
  }

  it.each([
    ['plain', 'a\n', '<div class="line" id="L1"><a class="number" href="#L1">1</a>a</div>\n'],
    [
      'hostile',
      '<script>alert("x")&\'\n',
      '<div class="line" id="L1"><a class="number" href="#L1">1</a>&lt;script&gt;alert(&quot;x&quot;)&amp;&#39;</div>\n',
    ],
    [
      'colours',
      `${E}[1;31mred${E}[0m plain\n`,
      '<div class="line" id="L1"><a class="number" href="#L1">1</a><span class="fg1 bold">red</span> plain</div>\n',
    ],
    [
      'inverse',
      `${E}[7mx${E}[31my\n`,
      '<div class="line" id="L1"><a class="number" href="#L1">1</a><span class="fg-inverse bg-inverse">x</span><span class="fg-inverse bg1">y</span></div>\n',
    ],
    [
      'a section',
      `${START('s', 100)}${E}[36mTitle${E}[0m\na\n${END('s', 3763)}\nb\n`,
      '<details open><summary><span class="fg6">Title</span> <span class="took">01:01:03</span></summary>\n<div class="line" id="L1"><a class="number" href="#L1">1</a>a</div>\n</details>\n<div class="line" id="L2"><a class="number" href="#L2">2</a>b</div>\n',
    ],
    [
      'a collapsed section without title or end',
      `section_start:1:a_b[collapsed=true]\r${E}[0K\nx\n`,
      '<details><summary>a_b</summary>\n<div class="line" id="L1"><a class="number" href="#L1">1</a>x</div>\n</details>\n',
    ],
    ['an end without begin', `${END('s')}\n`, ''],
    [
      'an outer end ends the inner',
      `${START('a')}A\n${START('b')}B\n${END('a')}\n`,
      '<details open><summary>A <span class="took">00:03</span></summary>\n<details open><summary>B <span class="took">00:03</span></summary>\n</details>\n</details>\n',
    ],
  ])('%s', (_what, text, written) => {
    expect(html(text).html).toBe(written)
  })

  it('has rules for the colours that are not in the style sheet, once each', () => {
    expect(html(`${E}[38;2;255;136;0ma${E}[48;5;208mb${E}[0m${E}[38;5;208mc${E}[38;2;255;136;0md`)).toEqual({
      html: '<div class="line" id="L1"><a class="number" href="#L1">1</a><span class="fg-ff8800">a</span><span class="fg-ff8800 bg-ff8700">b</span><span class="fg-ff8700">c</span><span class="fg-ff8800">d</span></div>\n',
      css: '.fg-ff8800{color:#ff8800}.bg-ff8700{background-color:#ff8700}.fg-ff8700{color:#ff8700}',
    })
  })

  it('a log without its begin has no numbers', () => {
    expect(html('a\n', false).html).toBe('<div class="line">a</div>\n')
  })

  it('bounds colours and depth', () => {
    const rainbow = Array.from(
      { length: 5000 },
      (_, index) => `${E}[38;2;0;${index >> 8};${index & 255}mx`,
    ).join('')
    expect(html(rainbow).css.match(/\{/g)).toHaveLength(2048)
    const deep = Array.from({ length: 100 }, (_, index) => `${START(`s${index}`)}${index}\n`).join('')
    expect(html(deep).html.match(/<details/g)).toHaveLength(16)
  })

  it('has no element that the log wrote', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', '\n', '\r', E, '[', '3', '1', 'm', ';'),
        }),
        (text) => {
          const rest = html(text).html.replace(
            /<\/?(?:div|a|span|details|summary)(?: (?:class|id|href)="[a-zA-Z0-9# -]*"| open)*>/g,
            '',
          )
          expect(rest).not.toMatch(/[<>"']/)
        },
      ),
    )
  })
})
