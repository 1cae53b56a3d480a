import { describe, expect, it } from 'vitest'
import { combineReports, summarizeReports } from '../../../src/pipeline/reports/combine.ts'
import { readJunit, type JunitFile } from '../../../src/pipeline/reports/junit.ts'

const LIMITS = { junitBytes: 100 * 1024 ** 2, junitCases: 500_000 }

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = (text: string, size = 1 << 16, limits = LIMITS): Promise<JunitFile> =>
  readJunit(pieces(text, size), limits)

const FULL = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a > comment -->
<!DOCTYPE testsuites [ <!ELEMENT a (b)> ]>
<testsuites>
  <testsuite name="outer &amp; more" time="9">
    <properties><property name="testcase" value="no"/></properties>
    <testcase classname="C" name="ok &lt;1&gt;" file="a_spec.rb" time="0.25"/>
    <testcase classname="C" name="bad" time="1.5">
      <failure message="boom" type="x">at line &#49;<![CDATA[ <raw> & ]]></failure>
      <system-out>see [[ATTACHMENT|tmp/shot.png]]</system-out>
    </testcase>
    <testsuite name="inner"><testcase name="skip" time="1,5"><skipped/></testcase></testsuite>
    <testcase name="broken"><error message="no text"/></testcase>
  </testsuite>
  <testcase name="of the top"><failure>one</failure><failure>two</failure></testcase>
  <other><testcase name="not counted"/></other>
</testsuites>
`

const EXPECTED = [
  { status: 'success', suiteName: 'outer & more', classname: 'C', name: 'ok <1>', file: 'a_spec.rb', time: 0.25, output: null, attachment: null },
  { status: 'failed', suiteName: 'outer & more', classname: 'C', name: 'bad', file: null, time: 1.5, output: 'at line 1 <raw> & ', attachment: 'tmp/shot.png' },
  { status: 'skipped', suiteName: 'inner', classname: null, name: 'skip', file: null, time: 1, output: null, attachment: null },
  { status: 'error', suiteName: 'outer & more', classname: null, name: 'broken', file: null, time: 0, output: { message: 'no text' }, attachment: null },
  { status: 'failed', suiteName: null, classname: null, name: 'of the top', file: null, time: 0, output: ['one', 'two'], attachment: null },
] // prettier-ignore

describe('a JUnit file', () => {
  it.each([1, 2, 3, 7, 64, 1 << 16])('is read in pieces of %d bytes', async (size) => {
    expect(await read(FULL, size)).toEqual({ cases: EXPECTED, error: null })
  })

  it('may be followed by another', async () => {
    const file = '<testsuite><testcase name="a"/></testsuite>'
    expect((await read(`${file}\n<?xml version="1.0"?>${file}`)).cases).toHaveLength(2)
  })

  it.each([
    ['', 'JUnit XML parsing failed: 1:1: FATAL: Document is empty'],
    ['no xml', "JUnit XML parsing failed: 1:1: FATAL: Start tag expected, '<' not found"],
    ['<a>\n<b></a>', 'JUnit XML parsing failed: 2:8: FATAL: Opening and ending tag mismatch: b line 2 and a'],
    ['<a>\n<b>', 'JUnit XML parsing failed: 2:4: FATAL: Premature end of data in tag b line 2'],
    ['<a>x & y</a>', 'JUnit XML parsing failed: 1:6: FATAL: xmlParseEntityRef: no name'],
    ['<a>&evil;</a>', 'JUnit XML parsing failed: 1:4: FATAL: xmlParseEntityRef: no name'],
    ['<a b=c/>', 'JUnit XML parsing failed: 1:3: FATAL: attributes construct error'],
    ['<a/>stray', 'JUnit XML parsing failed: 1:5: FATAL: Extra content at the end of the document'],
    ['</a>', 'JUnit XML parsing failed: 1:1: FATAL: Extra content at the end of the document'],
  ])('%j: %s', async (text, error) => {
    expect(await read(text)).toEqual({ cases: [], error })
  })

  it('that is too large, too deep or has too many cases is an error of its suite', async () => {
    const many = `<testsuite>${'<testcase name="x"/>'.repeat(11)}</testsuite>`
    expect((await read(many, 64, { ...LIMITS, junitBytes: 100 })).error).toBe(
      'JUnit data parsing failed: the report is larger than 100 bytes (limits.junit_bytes)',
    )
    expect((await read(many, 64, { ...LIMITS, junitCases: 10 })).error).toBe(
      'JUnit data parsing failed: the report has more than 10 test cases (limits.junit_cases)',
    )
    expect((await read('<a>'.repeat(300))).error).toContain('Excessive depth in document: 256')
    const tag = `<a b="${'x'.repeat(11_000_000)}"/>`
    expect((await read(tag)).error).toBe('JUnit XML parsing failed: 1:1: FATAL: AttValue length too long')
  })

  it('keeps the start of an endless output', async () => {
    const text = `<testsuite><testcase name="x"><failure>${'y'.repeat(3_000_000)}</failure></testcase></testsuite>`
    const [test] = (await read(text)).cases
    expect(test?.output).toBe(`${'y'.repeat(1 << 20)}\n… (cut)`)
  })
})

const job = async (jobId: number, jobName: string, text: string) => ({
  jobId,
  jobName,
  artifactsPath: `/group/app/-/jobs/${jobId}/artifacts`,
  file: await read(text),
})

describe('the report of a pipeline', () => {
  it('joins jobs of a parallel group, keeps those of a matrix apart, and counts a key once', async () => {
    const suite = (...cases: string[]) => `<testsuite name="s">${cases.join('')}</testsuite>`
    const jobs = [
      await job(1, 'unit 1/2', suite('<testcase name="a" time="1"/>', '<testcase name="a" time="2"/>')),
      await job(2, 'unit 2/2', suite('<testcase name="b" time="3"><failure>f</failure></testcase>')),
      await job(3, 'rspec: [x]', suite('<testcase name="c"><skipped message="later"/></testcase>')),
      await job(4, 'broken', '<a>'),
    ]
    const error = 'JUnit XML parsing failed: 1:4: FATAL: Premature end of data in tag a line 1'
    const counts = { total_time: 6, total_count: 2, success_count: 1, failed_count: 1, skipped_count: 0, error_count: 0 }
    const nothing = { total_time: 0, total_count: 0, success_count: 0, failed_count: 0, skipped_count: 0, error_count: 0 }
    const base = { classname: null, file: null, stack_trace: null, recent_failures: null, attachment_url: null }
    expect(combineReports(jobs)).toEqual({
      ...counts,
      total_count: 3,
      skipped_count: 1,
      test_suites: [
        {
          name: 'unit',
          ...counts,
          suite_error: null,
          test_cases: [
            { ...base, status: 'failed', name: 'b', execution_time: 3, system_output: 'f' },
            { ...base, status: 'success', name: 'a', execution_time: 2, system_output: null },
          ],
        },
        {
          name: 'rspec: [x]',
          ...nothing,
          total_count: 1,
          skipped_count: 1,
          suite_error: null,
          test_cases: [{ ...base, status: 'skipped', name: 'c', execution_time: 0, system_output: { message: 'later' } }],
        },
        { name: 'broken', ...nothing, suite_error: error, test_cases: [] },
      ],
    })
    expect(summarizeReports(jobs)).toEqual({
      total: { time: 6, count: 3, success: 1, failed: 1, skipped: 1, error: 0, suite_error: error },
      test_suites: [
        { name: 'unit', ...counts, build_ids: [1, 2], suite_error: null },
        { name: 'rspec: [x]', ...nothing, total_count: 1, skipped_count: 1, build_ids: [3], suite_error: null },
        { name: 'broken', ...nothing, build_ids: [4], suite_error: error },
      ],
    })
  }) // prettier-ignore

  it('is all zero without reports', () => {
    const zero = { total_time: 0, total_count: 0, success_count: 0, failed_count: 0, skipped_count: 0, error_count: 0 }
    expect(combineReports([])).toEqual({ ...zero, test_suites: [] })
    expect(summarizeReports([]).total).toEqual({ time: 0, count: 0, success: 0, failed: 0, skipped: 0, error: 0, suite_error: null })
  }) // prettier-ignore
})
