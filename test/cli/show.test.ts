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
    upstream: [
      {
        via: 'trigger_token',
        job: { id: 12, name: 'build_docs', stage: 'deploy' },
        pipeline: { id: 7, iid: 2, source: 'push', ref: 'v1.0', tag: true, sha: 'a', trigger: null },
        project: { id: 10, path_with_namespace: 'group/a' },
      },
      {
        via: 'job_token',
        job: { id: 4, name: 'go', stage: 'test' },
        pipeline: {
          id: 3,
          iid: 1,
          source: 'trigger',
          ref: 'main',
          tag: false,
          sha: 'b',
          trigger: { id: 8, description: 'nightly', short_token: 'cd34' },
        },
        project: { id: 11, path_with_namespace: 'group/first' },
      },
    ],
  })
  expect(text.split('\n')).toEqual([
    'source          trigger',
    'remote_address  127.0.0.1',
    'user_agent      curl/7.88',
    'received_at     2026-11-22T10:03:11.000Z',
    'ref             main',
    `sha             ${'f'.repeat(40)}`,
    'trigger         3 "release bot" (ab12…)',
    'upstream        job 12 build_docs of group/a, pipeline 7, tag v1.0 (push), by trigger token',
    'upstream        job 4 go of group/first, pipeline 3, branch main (trigger 8 "nightly" (cd34…)), by job token',
    'variables',
    '  UPLOAD_TO_S3=true  trigger',
    '  A=                 schedule',
    '',
  ])
})
