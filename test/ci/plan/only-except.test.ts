import { describe, expect, it } from 'vitest'
import type { PlanFacts } from '../../../src/ci/plan.ts'
import { jobsOf, planOf, variables } from '../support.ts'

const events: Record<string, Partial<PlanFacts>> = {
  push: {},
  branch: { ref: 'feature/x' },
  tag: { ref: 'v1.2', tag: true },
  trigger: { source: 'trigger' },
  schedule: { source: 'schedule' },
  api: { source: 'api' },
  web: { source: 'web' },
  pipeline: { source: 'pipeline' },
  merge: { source: 'merge_request_event' },
}

/** Policy, then the events that let the job in. */
const rows: [policy: string, ...inEvents: string[]][] = [
  ['tags: []', 'push', 'branch', 'tag', 'trigger', 'schedule', 'api', 'web', 'pipeline'],
  ['only: [branches]', 'push', 'branch', 'trigger', 'schedule', 'api', 'web', 'pipeline'],
  ['only: [tags]', 'tag'],
  ['only: [main]', 'push', 'trigger', 'schedule', 'api', 'web', 'pipeline'],
  ['only: [triggers]', 'trigger'],
  ['only: [trigger]', 'trigger'],
  ['only: [schedules]', 'schedule'],
  ['only: [pushes]', 'push', 'branch', 'tag'],
  ['only: [api]', 'api'],
  ['only: [web]', 'web'],
  ['only: [pipelines]', 'pipeline'],
  ['only: [merge_requests]', 'merge'],
  ['only: [/^feature/]', 'branch'],
  ['only: [/^FEATURE/i]', 'branch'],
  ['only: ["/^v[0-9.]+$/"]', 'tag'],
  ['only: [/x/]', 'branch'],
  ['only: [feature]'],
  ['only: [main@group/app]', 'push', 'trigger', 'schedule', 'api', 'web', 'pipeline'],
  ['only: [main@other/app]'],
  ['only: [tags@group/app]', 'tag'],
  ['only: [tags@other/app]'],
  ['only: [/^fea.*@home/]'],
  ['except: [tags]', 'push', 'branch', 'trigger', 'schedule', 'api', 'web', 'pipeline'],
  ['except: [main]', 'branch', 'tag'],
  ['except: [triggers, schedules]', 'push', 'branch', 'tag', 'api', 'web', 'pipeline'],
  ['only: [branches], except: [main]', 'branch'],
  ['only: [], except: []'],
  ['only: {variables: [$RELEASE]}'],
  [
    'only: {variables: [$CI_COMMIT_REF_NAME == "main"]}',
    'push',
    'trigger',
    'schedule',
    'api',
    'web',
    'pipeline',
  ],
  ['only: {variables: [$NOPE, $CI_COMMIT_TAG]}', 'tag'],
  ['only: {refs: [tags], variables: [$CI_COMMIT_TAG == "v2"]}'],
  [
    'except: {variables: [$CI_COMMIT_TAG]}',
    'push',
    'branch',
    'trigger',
    'schedule',
    'api',
    'web',
    'pipeline',
  ],
  ['except: {refs: [tags], variables: [$CI_COMMIT_BRANCH == "main"]}', 'branch'],
  ['only: {changes: ["*.md"]}', 'push', 'branch', 'tag', 'trigger', 'schedule', 'api', 'web', 'pipeline'],
  ['except: {changes: ["*.md"]}'],
  ['only: {kubernetes: active}'],
  ['except: {kubernetes: active}', 'push', 'branch', 'tag', 'trigger', 'schedule', 'api', 'web', 'pipeline'],
]

describe('the events that let a job in', () => {
  it.each(rows)('%s', async (policy, ...expected) => {
    const text = `job: {script: x, ${policy}}\nother: {script: x}`
    const into: string[] = []
    for (const [name, facts] of Object.entries(events))
      if ((await jobsOf(text, facts)).includes('job')) into.push(name)
    expect(into).toEqual(expected)
  })
})

it('drops the default with workflow:rules', async () => {
  const text = 'workflow: {rules: [{when: always}]}\njob: {script: x}\nother: {script: x, only: [tags]}'
  expect(await jobsOf(text, { source: 'merge_request_event' })).toEqual(['job'])
})

it('compares changed paths when there is something to compare with', async () => {
  const text = 'job: {script: x, only: {changes: ["*.md"]}}\nother: {script: x, except: {changes: ["*.md"]}}'
  expect(await jobsOf(text, { changedPaths: ['README.md'] })).toEqual(['job'])
  expect(await jobsOf(text, { changedPaths: ['Makefile'] })).toEqual(['other'])
})

it('sees trigger variables over those of the file', async () => {
  const text =
    'variables: {UPLOAD: "no"}\njob: {script: x, only: {variables: [$UPLOAD == "true"]}}\nother: {script: x}'
  expect(await jobsOf(text, { above: variables('trigger', { UPLOAD: 'true' }) })).toEqual(['job', 'other'])
  expect(await jobsOf(text)).toEqual(['other'])
})

describe('because', () => {
  it.each([
    ['only: [tags]', {}, 'only: tags — "main" is a branch, the source is push'],
    ['only: [tags]', events['tag'], 'only: tags — "v1.2" is a tag'],
    ['tags: []', {}, 'only (the default): branches, tags — "main" is a branch'],
    ['except: [main]', {}, 'except: main — "main" fits main'],
    [
      'only: [main@other/app]',
      {},
      'only: main@other/app — "main" is a branch, the source is push, in group/app',
    ],
    [
      'rules: [{if: $NOPE == "a"}]',
      {},
      'rule 1 did not match: if: $NOPE == "a" — null == "a" (NOPE is not set)',
    ],
    [
      'rules: [{if: $CI_COMMIT_REF_NAME == "main", when: never}]',
      {},
      'rule 1 matched and says when: never: if: $CI_COMMIT_REF_NAME == "main" — "main" == "main"',
    ],
    [
      'rules: [{if: $CI_COMMIT_REF_NAME == "main"}]',
      {},
      'rule 1 matched: if: $CI_COMMIT_REF_NAME == "main" — "main" == "main"',
    ],
  ])('%s', async (policy, facts, because) => {
    const plan = await planOf(`job: {script: x, ${policy}}\nother: {script: x}`, facts)
    const verdicts = [...plan.jobs.map(({ verdict }) => verdict), ...plan.excluded]
    expect(verdicts.find(({ job }) => job === 'job')?.because).toBe(because)
  })
})
