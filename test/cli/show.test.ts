import { expect, it } from 'vitest'
import { provenanceText } from '../../src/cli/show.ts'

it('prints what applies, one key a line, then the variables with their origin', () => {
  const text = provenanceText({
    source: 'trigger',
    trigger: { id: 3, description: 'release bot', short_token: 'ab12' },
    remote_address: '127.0.0.1',
    user_agent: 'curl/7.88\u001b[2J',
    form: null,
    received_at: '2026-11-22T10:03:11.000Z',
    ref: 'main',
    sha: 'f'.repeat(40),
    variables: [
      { key: 'UPLOAD_TO_S3', value: 'true', origin: 'trigger' },
      { key: 'A', value: '', origin: 'schedule' },
    ],
    config_sha256: null,
  })
  expect(text.split('\n')).toEqual([
    'source          trigger',
    'remote_address  127.0.0.1',
    'user_agent      curl/7.88',
    'received_at     2026-11-22T10:03:11.000Z',
    'ref             main',
    `sha             ${'f'.repeat(40)}`,
    'trigger         3 "release bot" (ab12…)',
    'variables',
    '  UPLOAD_TO_S3=true  trigger',
    '  A=                 schedule',
    '',
  ])
})
