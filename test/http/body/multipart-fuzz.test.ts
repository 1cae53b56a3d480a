import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMultipart } from '../../../src/http/body/multipart.ts'

const LIMITS = { parameters: 100, parameterDepth: 20 }

const piece = fc.oneof(
  fc.constantFrom(
    '--x\r\n',
    '--x--\r\n',
    '\r\n',
    '\r\n\r\n',
    'Content-Disposition: form-data; name="a"\r\n\r\n',
    'Content-Disposition: form-data; name="a[b][]"\r\n',
    'Content-Disposition: form-data\r\n\r\n',
    'Content-Disposition: form-data; name="f"; filename="g"\r\n',
    'Content-Disposition: form-data; name="f"; filename=""\r\n',
    "Content-Disposition: form-data; name*=utf-8''%e0%a4%a\r\n",
    'Content-Type: multipart/mixed; boundary=y\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    '--y\r\n',
    '-',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

describe('any multipart body', () => {
  it('is answered: read, or refused, and never thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
        const read = await parseMultipart(
          'multipart/form-data; boundary=x',
          Buffer.from(pieces.join(''), 'latin1'),
          LIMITS,
        )
        expect(typeof read.ok).toBe('boolean')
      }),
      { numRuns: 2000 },
    )
  })
})
