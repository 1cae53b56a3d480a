import { describe, expect, it } from 'vitest'
import { traceLines, withoutMarkers, type TraceLine } from '../../src/cli/trace-lines.ts'

// Forms of gitlab-runner's log: a marker, then the heading on the same line; commands echoed in bold green behind `$ `.
const start = (name: string): string => `section_start:1700000000:${name}\r\u001b[0K`
const end = (name: string): string => `section_end:1700000001:${name}\r\u001b[0K`
const heading = (text: string): string => `\u001b[0K\u001b[36;1m${text}\u001b[0;m\u001b[0;m\n`
const command = (text: string): string => `\u001b[32;1m$ ${text}\u001b[0;m\n`

function read(...pieces: string[]): string[] {
  const lines = traceLines()
  const all: TraceLine[] = pieces.flatMap((piece) => lines.push(Buffer.from(piece)))
  return [...all, ...lines.end()].map(
    ({ kind, text }) => `${kind === 'command' ? '$' : '>'} ${text.replaceAll('\u001b[0;m', '')}`,
  )
}

const preparation = `${start('get_sources')}${heading('Getting source from Git repository')}Checking out 4f2c1ab0 as main...\n${end('get_sources')}`
const script = (body: string): string =>
  `${start('step_script')}${heading('Executing "step_script" stage of the job script')}${body}`

describe('the lines of a log', () => {
  it('are those of the script, with commands told from output', () => {
    expect(
      read(
        preparation,
        script(`${command('make test')}ok 1\nok 2\n`),
        end('step_script'),
        '\u001b[32;1mJob succeeded\u001b[0;m\n',
      ),
    ).toEqual(['$ make test', '> ok 1', '> ok 2'])
  })

  it('are those of after_script too', () => {
    const after = `${start('after_script')}${heading('Running after_script')}${command('rm -f x')}`
    expect(read(script('out\n'), end('step_script'), after, end('after_script'))).toEqual([
      '> out',
      '$ rm -f x',
    ])
  })

  it('keep output without a final newline apart from what follows', () => {
    expect(
      read(
        script('no newline'),
        `${end('step_script')}${start('upload_artifacts_on_success')}${heading('Uploading artifacts')}`,
      ),
    ).toEqual(['> no newline'])
  })

  it('keep the sections that a script writes itself', () => {
    expect(
      read(script(`${start('my_part')}part\ninside\n${end('my_part')}outside\n`), end('step_script')),
    ).toEqual(['> part', '> inside', '> outside'])
  })

  it('are not hidden when a script names a section as the runner does', () => {
    expect(read(script(`${start('get_sources')}shown\n${end('get_sources')}`), end('step_script'))).toEqual([
      '> shown',
    ])
  })

  it('hold warnings and errors of the runner', () => {
    const upload = `${start('upload_artifacts_on_success')}${heading('Uploading artifacts')}\u001b[0;33mWARNING: out/: no matching files\u001b[0;m\nUploading...\n`
    expect(read(upload, end('upload_artifacts_on_success'))).toEqual([
      '> \u001b[0;33mWARNING: out/: no matching files',
    ])
    expect(read('\u001b[31;1mERROR: Job failed (system failure): no room\u001b[0;m\n')).toEqual([
      '> \u001b[31;1mERROR: Job failed (system failure): no room',
    ])
  })

  it('leave out the sentence that only repeats the exit code', () => {
    expect(
      read(script('x\n'), end('step_script'), '\u001b[31;1mERROR: Job failed: exit code 2\u001b[0;m\n'),
    ).toEqual(['> x'])
  })

  it('are the same wherever the bytes are cut', () => {
    const whole = `${preparation}${script(`${command('printf ü')}ü\nzwölf\n`)}${end('step_script')}`
    const bytes = Buffer.from(whole)
    const expected = read(whole)
    expect(expected).toEqual(['$ printf ü', '> ü', '> zwölf'])
    for (let at = 0; at <= bytes.length; at++) {
      const lines = traceLines()
      const got = [...lines.push(bytes.subarray(0, at)), ...lines.push(bytes.subarray(at)), ...lines.end()]
      expect(
        got.map(({ kind, text }) => `${kind === 'command' ? '$' : '>'} ${text.replaceAll('\u001b[0;m', '')}`),
      ).toEqual(expected)
    }
  })

  it('keep an empty line of output', () => {
    expect(read(script('a\n\nb\n'), end('step_script'))).toEqual(['> a', '> ', '> b'])
  })

  it('show what a progress bar drew last', () => {
    expect(read(script('1%\r50%\r100%\n'), end('step_script'))).toEqual(['> 100%'])
  })

  it('are cut at 64 KiB when no newline comes, and lose nothing', () => {
    const lines = traceLines()
    const all = [
      ...lines.push(Buffer.from(start('step_script') + heading('x'))),
      ...lines.push(Buffer.alloc(200_000, 'a')),
      ...lines.end(),
    ]
    expect(all.map(({ text }) => text).join('')).toBe('a'.repeat(200_000))
  })
})

describe('withoutMarkers', () => {
  it('removes markers with options and leaves the text', () => {
    expect(
      withoutMarkers(
        'section_start:1:a.b-c[collapsed=true,hide_duration=true]\r\u001b[0Kheading\nsection_end:2:a.b-c\r\u001b[0K',
      ),
    ).toBe('heading\n')
  })
})
