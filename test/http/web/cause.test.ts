import { expect, it } from 'vitest'
import type { Provenance, Upstream } from '../../../src/model/provenance.ts'
import { causeOf } from '../../../src/http/web/cause.ts'

const TRIGGERED: Provenance = {
  source: 'trigger',
  trigger: { id: 1, description: 'seed document', short_token: 'TOKE' },
  remote_address: '127.0.0.1',
  user_agent: 'curl/7.88.1',
  form: 'multipart',
  received_at: '2016-08-11T11:28:34.085Z',
  ref: 'main',
  sha: 'x',
  variables: [],
  config_sha256: null,
  upstream: [],
}
const BY_JOB: Upstream = {
  via: 'trigger_token',
  job: { id: 12, name: 'build_docs', stage: 'deploy' },
  pipeline: { id: 7, iid: 2, source: 'push', ref: 'v1.0', tag: true, sha: 'a', trigger: null },
  project: { id: 10, path_with_namespace: 'group/a' },
}
const LOCAL: Provenance = {
  ...TRIGGERED,
  source: 'push',
  trigger: null,
  remote_address: null,
  user_agent: null,
  form: null,
  received_at: null,
}

it.each<[Provenance, string | null, string]>([
  [
    TRIGGERED,
    'Administrator',
    'Triggered by "seed document" (TOKE) from 127.0.0.1, multipart form, curl/7.88.1, 2016-08-11 11:28:34 UTC, as Administrator.',
  ],
  [
    { ...TRIGGERED, form: 'webhook', user_agent: '' },
    null,
    'Triggered by "seed document" (TOKE) from 127.0.0.1, web hook, 2016-08-11 11:28:34 UTC, as nobody: a legacy trigger has no owner.',
  ],
  [
    { ...TRIGGERED, trigger: null, form: 'json' },
    'A',
    'Triggered by a token that is no longer there from 127.0.0.1, JSON, curl/7.88.1, 2016-08-11 11:28:34 UTC, as A.',
  ],
  [
    { ...TRIGGERED, source: 'pipeline', trigger: null, form: 'query' },
    'A',
    'Triggered by a job of another pipeline (job token) from 127.0.0.1, query string, curl/7.88.1, 2016-08-11 11:28:34 UTC, as A.',
  ],
  [
    { ...TRIGGERED, upstream: [BY_JOB] },
    'A',
    'Triggered by "seed document" (TOKE) in job build_docs of group/a, pipeline #7, tag v1.0, from 127.0.0.1, multipart form, curl/7.88.1, 2016-08-11 11:28:34 UTC, as A.',
  ],
  [
    { ...LOCAL, source: 'pipeline', upstream: [{ ...BY_JOB, via: 'job_token' }] },
    'A',
    'Triggered by job build_docs of group/a, pipeline #7, tag v1.0 (job token), as A.',
  ],
  [
    { ...LOCAL, source: 'pipeline', upstream: [{ ...BY_JOB, via: 'bridge' }] },
    null,
    'Triggered by job build_docs of group/a, pipeline #7, tag v1.0.',
  ],
  [LOCAL, 'Ann', 'Started by a push, as Ann.'],
  [{ ...LOCAL, source: 'schedule' }, null, 'Started by a schedule.'],
  [{ ...LOCAL, source: 'chat' }, null, 'Started by chat.'],
])('%#', (provenance, user, sentence) => {
  expect(causeOf(provenance, user)).toBe(sentence)
})
