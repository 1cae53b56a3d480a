import { describe, expect, it } from 'vitest'
import { openJobLog, type JobLog } from '../../../src/runner/log/job-log.ts'
import { createMasker } from '../../../src/runner/log/mask.ts'
import { needlesOf } from '../../../src/runner/log/needles.ts'

function open(limit: number, write: (bytes: Uint8Array) => Promise<void> = async () => {}) {
  const pieces: Buffer[] = []
  const errors: string[] = []
  let closed = false
  const log: JobLog = openJobLog({
    writer: {
      path: '/dev/null',
      async write(bytes) {
        await write(bytes)
        pieces.push(Buffer.from(bytes))
      },
      close: async () => void (closed = true),
    },
    masker: createMasker(needlesOf(['secret-value'])),
    limit,
    onFailure: (error) => void errors.push(error.message),
  })
  return { log, errors, text: () => Buffer.concat(pieces).toString(), closed: () => closed }
}

const NOTICE =
  "\n\u001b[33;1mJob's log exceeded limit of 10 bytes.\nJob execution will continue but no more output will be collected.\u001b[0;m\n"

it("keeps the order of the runner's lines and the job's output, masks both", async () => {
  const { log, text, closed } = open(1000)
  log.say('a secret-value ')
  void log.output(Buffer.from('b secret-'))
  void log.output(Buffer.from('value c'))
  log.say(' d')
  await log.close()
  expect(text()).toBe('a [MASKED] b [MASKED] c d')
  expect(closed()).toBe(true)
})

it('gives out a held beginning when the script has ended', async () => {
  const { log, text } = open(1000)
  await log.output(Buffer.from('secret-val'))
  expect(text()).toBe('')
  log.release()
  log.say('|')
  await log.close()
  expect(text()).toBe('secret-val|')
})

describe('the limit', () => {
  it.each([
    ['exactly reached', ['0123456789'], '0123456789'],
    ['passed', ['01234', '56789abc', 'more'], `0123456789${NOTICE}`],
    ['not inside a character', ['012345678ü'], `012345678${NOTICE}`],
    ['not inside a long character', ['0123456\u{1F600}'], `0123456${NOTICE}`],
    ['after a character', ['01234567ü'], '01234567ü'],
  ])('%s', async (_, pieces, kept) => {
    const { log, text } = open(10)
    for (const piece of pieces) await log.output(Buffer.from(piece))
    await log.close()
    expect(text()).toBe(kept)
  })

  it('drops everything that follows, the last line too', async () => {
    const { log, text } = open(10)
    await log.output(Buffer.from('0123456789a'))
    log.say('Job succeeded')
    await log.close()
    expect(text()).toBe(`0123456789${NOTICE}`)
  })
})

it('a log that was deleted meanwhile is an error', async () => {
  const errors: string[] = []
  const log = openJobLog({
    writer: { path: '/nonexistent/1.log', write: async () => {}, close: async () => {} },
    masker: createMasker(needlesOf([])),
    limit: 10,
    onFailure: (error) => void errors.push(error.message),
  })
  await log.close()
  expect(errors).toEqual(['/nonexistent/1.log was deleted while the job ran'])
})

it('reports the first error of the file once, and drains from then on', async () => {
  let calls = 0
  const { log, errors } = open(1000, async () => {
    calls++
    throw new Error('ENOSPC: no space left on device, write')
  })
  await log.output(Buffer.from('a'))
  await log.output(Buffer.from('b'))
  await log.close()
  expect(errors).toEqual(['ENOSPC: no space left on device, write'])
  expect(calls).toBe(1)
})
