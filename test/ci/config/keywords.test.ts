// Each keyword: the forms that GitLab takes, and what they are read into.
import { describe, expect, it } from 'vitest'
import type { JobKeywords } from '../../../src/ci/config.ts'
import { JOB_KEYWORDS } from '../../../src/ci/config/job.ts'
import { GLOBAL_KEYWORDS } from '../../../src/ci/config/root.ts'
import { UNSUPPORTED_GLOBAL, UNSUPPORTED_JOB } from '../../../src/ci/config/unsupported.ts'
import { configOf, diagnosticsOf } from '../support.ts'

async function keywordsOf(lines: string, rest = ''): Promise<JobKeywords> {
  const config = await configOf(`job:\n  script: run\n  ${lines.replaceAll('\n', '\n  ')}\n${rest}`)
  return config.jobs.get('job')?.keywords ?? {}
}

const rows: [lines: string, expected: Record<string, unknown>][] = [
  ['before_script: one', { before_script: ['one'] }],
  ['before_script: []', { before_script: [] }],
  ['after_script: [a, [b, [c]], d]', { after_script: ['a', 'b', 'c', 'd'] }],
  ['stage: deploy', { stage: { value: 'deploy' } }],
  ['when: manual', { when: 'manual' }],
  ['when: delayed\nstart_in: 1 hour 30 minutes', { when: 'delayed', start_in: 5400 }],
  ['allow_failure: true', { allow_failure: { allowed: true, exitCodes: [] } }],
  ['allow_failure: {exit_codes: 137}', { allow_failure: { allowed: false, exitCodes: [137] } }],
  ['allow_failure: {exit_codes: [1, 255]}', { allow_failure: { allowed: false, exitCodes: [1, 255] } }],
  ['tags: [a, [b]]', { tags: ['a', 'b'] }],
  ['interruptible: yes', { interruptible: true }],
  ['timeout: 3h 30m', { timeout: 12_600 }],
  ['retry: 2', { retry: { max: 2, when: ['always'], exitCodes: [] } }],
  ['retry: {max: 1, when: script_failure}', { retry: { max: 1, when: ['script_failure'], exitCodes: [] } }],
  [
    'retry: {max: 1, when: [api_failure, always]}',
    { retry: { max: 1, when: ['api_failure', 'always'], exitCodes: [] } },
  ],
  ['retry: {max: 2, exit_codes: 137}', { retry: { max: 2, when: [], exitCodes: [137] } }],
  ['retry: {max: 2}', { retry: { max: 2, when: ['always'], exitCodes: [] } }],
  ['coverage: /Total (\\d+)%/', { coverage: 'Total (\\d+)%' }],
  ['image: ruby:3.3', { image: 'ruby:3.3' }],
  ['image: {name: ruby:3.3, entrypoint: [""], pull_policy: [always, never]}', { image: 'ruby:3.3' }],
  [
    'services: [postgres, {name: redis, alias: cache, command: [a], variables: {A: b}}]',
    { services: ['postgres', 'redis'] },
  ],
  ['parallel: 3', { parallel: { kind: 'number', total: 3 } }],
  ['dependencies: []', { dependencies: [] }],
  ['needs: []', { needs: [] }],
  [
    'needs: [other, [{job: third, artifacts: false, optional: true}]]',
    {
      needs: [
        { job: 'other', artifacts: true, optional: false },
        { job: 'third', artifacts: false, optional: true },
      ],
    },
  ],
  ['needs: {job: other}', { needs: [{ job: 'other', artifacts: true, optional: false }] }],
  [
    'artifacts: {name: n, paths: [a, b], exclude: [c], untracked: true, when: always, expire_in: 1 week}',
    {
      artifacts: {
        name: 'n',
        paths: ['a', 'b'],
        exclude: ['c'],
        untracked: true,
        when: 'always',
        expireIn: '1 week',
      },
    },
  ],
  [
    'artifacts: {expire_in: never}',
    {
      artifacts: {
        name: null,
        paths: [],
        exclude: [],
        untracked: false,
        when: 'on_success',
        expireIn: 'never',
      },
    },
  ],
  ['artifacts: {paths: [a], expose_as: my report, public: false}', { artifacts: { paths: ['a'] } }],
  [
    'variables: {A: text, B: 1.10, C: yes, D: , E: {value: $A, expand: false}}',
    {
      variables: [
        { key: 'A', value: 'text', raw: false },
        { key: 'B', value: '1.1', raw: false },
        { key: 'C', value: 'true', raw: false },
        { key: 'D', value: '', raw: false },
        { key: 'E', value: '$A', raw: true },
      ],
    },
  ],
  ['only: [tags, /^v/]', { only: { refs: { value: ['tags', '/^v/'] }, variables: null } }],
  [
    'except: {refs: [main], variables: [$A], changes: ["*.md"]}',
    { except: { refs: { value: ['main'] }, changes: { value: ['*.md'] } } },
  ],
  ['inherit: {default: false, variables: [A]}', { inherit: { default: false, variables: ['A'] } }],
  [
    'rules: [[{if: $A, when: manual, allow_failure: true}], {changes: {paths: [a], compare_to: main}}, {exists: [b], when: delayed, start_in: 1 day}]',
    {
      rules: [
        { if: { value: { text: '$A' } }, when: 'manual', allowFailure: true },
        { changes: { paths: ['a'], compareTo: 'main' } },
        { exists: { paths: ['b'] }, when: 'delayed', startIn: 86_400 },
      ],
    },
  ],
]

describe('reads', () => {
  const others = 'other: {script: x}\nthird: {script: x}\n'
  it.each(rows)('%s', async (lines, expected) => {
    expect(await keywordsOf(lines, others)).toMatchObject(expected)
  })
})

it.each([
  'image',
  'rules',
  'needs',
  'only',
  'artifacts',
  'retry',
  'variables',
  'tags',
  'cache',
  'environment',
])('takes %s without a value for not written', async (keyword) => {
  expect(await keywordsOf(`${keyword}:`)).not.toHaveProperty(keyword)
})

/** Section 7 of the language: every keyword a job may have today. */
const JOB_KEYWORDS_OF_GITLAB = [
  'script', 'before_script', 'after_script', 'run', 'stage', 'extends', 'rules', 'only', 'except', 'when', 'start_in', 'allow_failure',
  'needs', 'dependencies', 'variables', 'inherit', 'image', 'services', 'tags', 'artifacts', 'cache', 'coverage', 'retry', 'timeout',
  'parallel', 'interruptible', 'environment', 'resource_group', 'release', 'pages', 'publish', 'hooks', 'id_tokens', 'secrets', 'identity',
  'inputs', 'manual_confirmation', 'dast_configuration', 'trigger',
] // prettier-ignore

const GLOBAL_KEYWORDS_OF_GITLAB = [
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
  'spec',
]

describe('every keyword of GitLab is carried out or refused by name', () => {
  it('in jobs', () => {
    expect([...JOB_KEYWORDS, ...UNSUPPORTED_JOB].toSorted()).toEqual([...JOB_KEYWORDS_OF_GITLAB].toSorted())
  })

  it('at the top level', () => {
    expect([...GLOBAL_KEYWORDS, ...UNSUPPORTED_GLOBAL].toSorted()).toEqual(
      [...GLOBAL_KEYWORDS_OF_GITLAB].toSorted(),
    )
  })

  it.each(UNSUPPORTED_JOB.filter((keyword) => keyword !== 'trigger' && keyword !== 'run'))(
    '%s in a job',
    async (keyword) => {
      expect(await diagnosticsOf(`job:\n  script: x\n  ${keyword}: x`)).toMatchObject([
        {
          code: 'keyword.unsupported',
          message: `jobs:job:${keyword} is not supported yet`,
          location: { line: 3, column: 3 },
        },
      ])
    },
  )

  it.each(UNSUPPORTED_GLOBAL)('%s at the top level', async (keyword) => {
    expect(await diagnosticsOf(`job: {script: x}\n${keyword}: {a: b}`)).toMatchObject([
      {
        code: 'keyword.unsupported',
        message: `${keyword} is not supported yet`,
        location: { line: 2, column: 1 },
      },
    ])
  })

  it.each([
    ['a job that only triggers', 'job: {trigger: other/app}', 'jobs:job:trigger is not supported yet'],
    ['a job that runs steps', 'job: {run: [{name: a, script: b}]}', 'jobs:job:run is not supported yet'],
    [
      'a mirror of another pipeline',
      'job: {needs: {pipeline: other/app}}',
      'jobs:job:needs:pipeline is not supported yet',
    ],
    [
      'reports',
      'job: {script: x, artifacts: {reports: {junit: a}}}',
      'jobs:job:artifacts:reports is not supported yet',
    ],
    [
      'a need in another pipeline',
      'job: {script: x, needs: [{pipeline: $P, job: a}]}',
      'jobs:job:needs:need:pipeline is not supported yet',
    ],
    [
      'files of another project',
      'job: {script: x, rules: [{exists: {paths: [a], project: b/c}}]}',
      'jobs:job:rules:rule:exists:project is not supported yet',
    ],
    [
      'a default cache',
      'default: {cache: {paths: [a]}}\njob: {script: x}',
      'default:cache is not supported yet',
    ],
    ['a header', 'spec:\n  inputs: {}\n---\njob: {script: x}', 'spec is not supported yet'],
  ])('%s', async (_title, text, message) => {
    expect((await diagnosticsOf(text)).map((found) => found.message)).toEqual([message])
  })
})

it('names the near keyword', async () => {
  expect(await diagnosticsOf('unit:\n  scrpt: x\n  script: y')).toMatchObject([
    {
      code: 'keyword.unknown',
      message: 'jobs:unit config contains unknown keys: scrpt',
      help: 'did you mean "script"?',
      location: { line: 2, column: 3 },
    },
  ])
})

it('says which global keyword a job without script may be', async () => {
  expect(await diagnosticsOf('varibles:\n  A: b\njob: {script: x}')).toMatchObject([
    {
      message: 'jobs varibles config should implement the script:, run:, or trigger: keyword',
      help: 'did you mean the keyword "variables"?',
    },
  ])
})

it('finds everything at once, in order of position', async () => {
  const found = await diagnosticsOf(
    'stages: test\na:\n  script: 5\n  foo: 1\nb:\n  when: never\n  script: x\n',
  )
  expect(found.map(({ location, code }) => [location?.line, code])).toEqual([
    [1, 'value.type'],
    [3, 'value.type'],
    [4, 'keyword.unknown'],
    [6, 'value.unknown'],
  ])
})
