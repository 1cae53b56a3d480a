import { StringDecoder } from 'node:string_decoder'
import type { TestOutput, TestStatus } from '../../model/test-report.ts'
import { xmlReader, XmlError, type XmlListener } from './xml-reader.ts'

/** A test case as its file has it. */
export interface JunitCase {
  readonly status: TestStatus
  /** Of the suite element around it; null: it has none. */
  readonly suiteName: string | null
  readonly name: string | null
  readonly classname: string | null
  readonly file: string | null
  /** Seconds. */
  readonly time: number
  readonly output: TestOutput
  /** Path of `[[ATTACHMENT|path]]` in what a failed test printed. */
  readonly attachment: string | null
}

export interface JunitFile {
  readonly cases: readonly JunitCase[]
  /** GitLab's sentence; the cases before it do not count. */
  readonly error: string | null
}

export interface JunitLimits {
  readonly junitBytes: number
  readonly junitCases: number
}

/** Characters of one test's output that are kept, and of all of a report: they stand in memory until they are answered. */
const LONGEST_OUTPUT = 1 << 20
const MOST_OUTPUT = 1 << 25
const CUT = '\n… (cut)'

/** What GitLab looks for, in its order (`Gitlab::Ci::Parsers::Test::Junit`). */
const OUTCOMES: readonly (readonly [element: string, status: TestStatus])[] = [
  ['failure', 'failed'],
  ['error', 'error'],
  ['skipped', 'skipped'],
]

/**
 * Reads a JUnit report as it comes, other work between the pieces. Never rejects: whatever is wrong is an error of the suite, in
 * GitLab's words. Cases count below `testsuite` and `testsuites` only.
 */
export async function readJunit(pieces: AsyncIterable<Uint8Array>, limits: JunitLimits): Promise<JunitFile> {
  const collector = junitCollector(limits.junitCases)
  const reader = xmlReader(collector)
  const decoder = new StringDecoder('utf8')
  let bytes = 0
  try {
    for await (const piece of pieces) {
      bytes += piece.length
      if (bytes > limits.junitBytes)
        throw new Error(`the report is larger than ${limits.junitBytes} bytes (limits.junit_bytes)`)
      reader.write(decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length)))
    }
    reader.write(decoder.end())
    reader.end()
    return { cases: collector.cases, error: null }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const kind = error instanceof XmlError ? 'XML' : 'data'
    return { cases: [], error: `JUnit ${kind} parsing failed: ${message}` }
  }
}

interface OpenElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly counts: boolean
}

/** Inside a case: what its children said. */
interface OpenCase {
  readonly attributes: ReadonlyMap<string, string>
  readonly suiteName: string | null
  readonly children: Map<string, TestOutput[]>
  readonly depth: number
}

function junitCollector(mostCases: number): XmlListener & { readonly cases: JunitCase[] } {
  const cases: JunitCase[] = []
  const path: OpenElement[] = []
  let current: OpenCase | undefined
  let text: string[] = []
  let length = 0
  let total = 0

  function takeText(): string {
    const joined = text.join('')
    text = []
    length = 0
    return joined
  }

  return {
    cases,
    open(name, attributes) {
      const parent = path.at(-1)
      if (current) {
        if (path.length === current.depth) takeText()
      } else if (name === 'testcase' && parent?.counts) {
        current = {
          attributes,
          suiteName: parent.attributes.get('name') ?? null,
          children: new Map(),
          depth: path.length + 1,
        }
      }
      const counts = name === 'testsuites' ? !parent : name === 'testsuite' && (!parent || parent.counts)
      path.push({ name, attributes, counts })
    },
    text(piece) {
      // Only what a child of the case says is wanted.
      if (!current || path.length <= current.depth || length > LONGEST_OUTPUT || total > MOST_OUTPUT) return
      const kept = piece.slice(0, LONGEST_OUTPUT - length)
      text.push(kept)
      length += piece.length
      total += kept.length
      if (kept.length < piece.length || total > MOST_OUTPUT) text.push(CUT)
    },
    close(name) {
      const element = path.pop()
      if (!current || !element) return
      if (path.length === current.depth) {
        const said = takeText()
        const list = current.children.get(name)
        const output = outputOf(said, element.attributes)
        if (list) list.push(output)
        else current.children.set(name, [output])
      } else if (path.length < current.depth) {
        if (cases.length >= mostCases)
          throw new Error(`the report has more than ${mostCases} test cases (limits.junit_cases)`)
        cases.push(toCase(current))
        current = undefined
      }
    },
  }
}

/** Rails' `Hash.from_xml`: the text of an element, else its attributes, else nothing. */
function outputOf(text: string, attributes: ReadonlyMap<string, string>): TestOutput {
  if (text.trim() !== '') return text
  return attributes.size > 0 ? Object.fromEntries(attributes) : null
}

function toCase({ attributes, suiteName, children }: OpenCase): JunitCase {
  const [element, status] = OUTCOMES.find(([name]) => children.has(name)) ?? [null, 'success' as const]
  const outputs = element === null ? [] : (children.get(element) ?? [])
  return {
    status,
    suiteName,
    name: attributes.get('name') ?? null,
    classname: attributes.get('classname') ?? null,
    file: attributes.get('file') ?? null,
    time: seconds(attributes.get('time')),
    output: outputs.length > 1 ? outputs : (outputs[0] ?? null),
    attachment:
      status === 'failed' ? attachmentOf(children.get('system-out') ?? children.get('system_out')) : null,
  }
}

/** Ruby's `to_f`: as far as it can be read. */
function seconds(text: string | undefined): number {
  const number = Number.parseFloat((text ?? '').replaceAll('_', ''))
  return Number.isFinite(number) ? number : 0
}

function attachmentOf(outputs: readonly TestOutput[] | undefined): string | null {
  const text = outputs?.find((output) => typeof output === 'string')
  return typeof text === 'string' ? (/\[\[ATTACHMENT\|(.+?)\]\]/.exec(text)?.[1] ?? null) : null
}
