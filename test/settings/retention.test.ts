import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DEFAULT_RETENTION } from '../../src/model/retention.ts'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const DAY = 86_400_000

function read(text: string) {
  const file = join(temporaryFolder(), 'runner.config.yaml')
  writeFileSync(file, text)
  return readSettings(file, {})
}

it('of the daemon and of a project, which has what it does not say from the daemon', () => {
  const settings = read(`retention:
  pipelines: {age: 30 days, count: 50}
  logs: {size: 1 GiB}
  keep_n: 3
projects:
  - id: 1
    name: a/b
    path: .
    retention:
      pipelines: {count: unlimited, size: 500 MB}
      artifacts: {age: never, size: unlimited}
      keep_latest_success: false
      keep: [{ref: release/*, keep_n: 20}, {ref: /^v/, keep_n: 0}]
`)
  const daemon = settings.ok ? settings.value.retention : undefined
  expect(daemon).toEqual({
    ...DEFAULT_RETENTION,
    pipelines: { ageMs: 30 * DAY, count: 50, bytes: Infinity },
    logs: { ageMs: Infinity, bytes: 1024 ** 3 },
    keepN: 3,
  })
  expect(settings.ok && settings.value.projects[0]?.retention).toEqual({
    ...daemon,
    pipelines: { ageMs: 30 * DAY, count: Infinity, bytes: 500_000_000 },
    artifacts: { ageMs: Infinity, bytes: Infinity },
    keepLatestSuccess: false,
    keep: [
      { ref: 'release/*', keepN: 20 },
      { ref: '/^v/', keepN: 0 },
    ],
  })
})

it.each([
  [
    'retention: {pipelines: {age: soon}}',
    'retention.pipelines.age must be a duration such as 30 days, or never, not "soon"',
  ],
  [
    'retention: {logs: {size: much}}',
    'retention.logs.size must be a size such as 10 GiB, or unlimited, not "much"',
  ],
  [
    'retention: {pipelines: {count: 0}}',
    'retention.pipelines.count must be a whole number from 1 up, not 0 (a number)',
  ],
  ['retention: {logs: {count: 1}}', 'unknown key "count" in retention.logs'],
  ['retention: {keep: [{ref: main}]}', 'retention.keep[0] has no "keep_n"'],
  [
    'retention: {keep: [{ref: "/(/", keep_n: 1}]}',
    'retention.keep[0].ref is no pattern of refs: error parsing regexp: missing closing ): `(`',
  ],
])('%s', (text, message) => {
  const settings = read(text)
  expect(settings.ok ? [] : settings.error.diagnostics.map((each) => each.message)).toEqual([message])
})
