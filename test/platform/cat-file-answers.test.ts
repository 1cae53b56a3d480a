import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAnswerReader } from '../../src/platform/cat-file-answers.ts'
import type { Answer, Question } from '../../src/platform/cat-file-answers.ts'

const id = 'a'.repeat(40)

/** Feeds the output in the given pieces; gives the answers, and whether the reader still made sense of it. */
function read(
  questions: readonly Question[],
  pieces: readonly Buffer[],
): { answers: (Answer | undefined)[]; sane: boolean } {
  const answers: (Answer | undefined)[] = []
  const feed = createAnswerReader(
    () => questions[answers.length],
    (answer) => answers.push(answer),
  )
  return { sane: pieces.every(feed), answers }
}

const info = (name: string): Question => ({ name, limit: undefined })
const contents = (name: string, limit = 1000): Question => ({ name, limit })
const facts = (size: number): Answer => ({ id, type: 'blob', size, bytes: null })

describe('one answer', () => {
  it.each<[string, Question, string, Answer | undefined]>([
    ['facts', info('main'), `${id} blob 5\n`, facts(5)],
    ['content', contents('main'), `${id} blob 5\na\nb\0c\n`, { ...facts(5), bytes: Buffer.from('a\nb\0c') }],
    ['no content', contents('main'), `${id} blob 0\n\n`, { ...facts(0), bytes: Buffer.alloc(0) }],
    ['content over the limit', contents('main', 4), `${id} blob 5\n12345\n`, facts(5)],
    ['missing', contents('main'), 'main missing\n', undefined],
    ['missing, a sha', info(id), `${id} missing\n`, undefined],
    [
      'missing, line feeds in the name',
      info('HEAD:a\nb blob 5\n'),
      'HEAD:a\nb blob 5\n missing\n',
      undefined,
    ],
    ['missing, no name', info(''), ' missing\n', undefined],
    ['several objects begin so', info('aaaa'), 'aaaa ambiguous\n', undefined],
  ])('%s', (_, question, output, expected) => {
    expect(read([question], [Buffer.from(output)])).toEqual({ sane: true, answers: [expected] })
  })
})

it.each(['nonsense\n', `${id} blob\n`, `fatal: not a git repository\n`])(
  'sees that %j is no answer',
  (output) => {
    expect(read([info('main')], [Buffer.from(output)])).toEqual({ sane: false, answers: [] })
  },
)

it('sees output that nobody asked for', () => {
  expect(read([], [Buffer.from('x')]).sane).toBe(false)
})

it('reads any sequence of answers in pieces of any size', () => {
  const exchange = fc.oneof(
    fc.record({ question: fc.constant(info('x')), size: fc.nat(300) }).map(({ question, size }) => ({
      question,
      output: Buffer.from(`${id} blob ${size}\n`),
      answer: facts(size),
    })),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => ({
      question: contents('x', 200),
      output: Buffer.concat([Buffer.from(`${id} blob ${bytes.length}\n`), bytes, Buffer.from('\n')]),
      answer:
        bytes.length > 200 ? facts(bytes.length) : { ...facts(bytes.length), bytes: Buffer.from(bytes) },
    })),
    fc.string({ unit: fc.constantFrom('a', '\n', ' ', 'ü'), maxLength: 5 }).map((name) => ({
      question: contents(name),
      output: Buffer.from(`${name} missing\n`),
      answer: undefined,
    })),
  )
  fc.assert(
    fc.property(
      fc.array(exchange, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (sequence, sizes) => {
        const output = Buffer.concat(sequence.map((one) => one.output))
        const pieces: Buffer[] = []
        for (let at = 0, n = 0; at < output.length; n++) {
          const size = sizes[n % sizes.length] ?? 1
          pieces.push(output.subarray(at, at + size))
          at += size
        }
        expect(
          read(
            sequence.map((one) => one.question),
            pieces,
          ),
        ).toEqual({ sane: true, answers: sequence.map((one) => one.answer) })
      },
    ),
  )
})
