// Each keyword: the forms that GitLab takes, and what they are read into.
import { describe, expect, it } from 'vitest'
import type { JobKeywords } from '../../../src/ci/config.ts'
import { JOB_KEYWORDS } from '../../../src/ci/config/job.ts'
import { GLOBAL_KEYWORDS } from '../../../src/ci/config/root.ts'
import { configOf, diagnosticsOf, messagesOf } from '../support.ts'

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
  [
    'cache: {key: a, paths: [b], untracked: true, when: always, policy: pull, unprotect: true, fallback_keys: [c]}',
    {
      cache: [
        {
          key: { kind: 'text', text: 'a' },
          paths: ['b'],
          untracked: true,
          when: 'always',
          policy: 'pull',
          unprotect: true,
          fallbackKeys: ['c'],
        },
      ],
    },
  ],
  [
    'cache: [{paths: [a]}, {key: {files: [/b], prefix: $C}}, {key: {files_commits: [d]}, policy: $E}]',
    {
      cache: [
        { key: { kind: 'text', text: 'default' }, paths: ['a'], when: 'on_success', policy: 'pull-push' },
        { key: { kind: 'files', files: ['b'], prefix: '$C' } },
        { key: { kind: 'files_commits', files: ['d'], prefix: null }, policy: '$E' },
      ],
    },
  ],
  ['cache: []', { cache: [] }],
  ['cache: {}', { cache: [] }],
  ['cache: [[{paths: [a]}], {paths: [b]}]', { cache: [{ paths: ['a'] }, { paths: ['b'] }] }],
  [
    'environment: review/$CI_COMMIT_REF_SLUG',
    {
      environment: {
        value: { name: 'review/$CI_COMMIT_REF_SLUG', url: null, action: 'start', onStop: null },
      },
    },
  ],
  [
    'environment: {name: p, url: "https://a", action: verify, auto_stop_in: 1 day, deployment_tier: production, kubernetes: {agent: a, dashboard: {namespace: n}}}',
    {
      environment: {
        value: {
          name: 'p',
          url: 'https://a',
          action: 'verify',
          autoStopIn: '1 day',
          deploymentTier: 'production',
        },
      },
    },
  ],
  ['resource_group: prod', { resource_group: 'prod' }],
  [
    'release: {tag_name: v1, description: d, name: n, ref: main, milestones: m, released_at: "2024-01-02T03:04:05Z", assets: {links: [{name: a, url: "https://b", filepath: /c, link_type: image}]}}',
    {
      release: {
        tagName: 'v1',
        description: 'd',
        name: 'n',
        ref: 'main',
        milestones: ['m'],
        releasedAt: '2024-01-02T03:04:05Z',
        links: [{ name: 'a', url: 'https://b', filepath: '/c', linkType: 'image' }],
      },
    },
  ],
  ['pages: true', { pages: true }],
  ['pages: true\npublish: site', { pages: true, publish: 'site' }],
  ['pages: {publish: p, path_prefix: x, expire_in: never}', { pages: { publish: 'p', expireIn: 'never' } }],
  ['hooks: {pre_get_sources_script: [a, [b]]}', { hooks: ['a', 'b'] }],
  [
    'id_tokens: {A: {aud: x}, B: {aud: [y, z]}}',
    {
      id_tokens: [
        { name: 'A', aud: ['x'] },
        { name: 'B', aud: ['y', 'z'] },
      ],
    },
  ],
  [
    'secrets: {A: {vault: a/b@c}, B: {gcp_secret_manager: {name: n}, token: $T, file: false}}',
    {
      secrets: [
        { name: 'A', provider: 'vault', file: true },
        { name: 'B', provider: 'gcp_secret_manager', file: false },
      ],
    },
  ],
  ['identity: google_cloud', { identity: 'google_cloud' }],
  [
    'inputs: {a: {default: x}, b: {type: number, default: 3, description: d}}',
    {
      inputs: [
        { name: 'a', type: 'string', default: 'x' },
        { name: 'b', type: 'number', default: '3', description: 'd' },
      ],
    },
  ],
  ['manual_confirmation: Sure?', { manual_confirmation: 'Sure?' }],
  ['dast_configuration: {site_profile: a, scanner_profile: b}', { dast_configuration: true }],
  [
    'artifacts: {paths: [a], expose_as: r, access: none, reports: {junit: [a, b], dotenv: c, coverage_report: {coverage_format: cobertura, path: d}}}',
    {
      artifacts: {
        exposeAs: 'r',
        access: 'none',
        reports: {
          paths: { junit: ['a', 'b'], dotenv: ['c'] },
          coverage: { format: 'cobertura', path: 'd' },
        },
      },
    },
  ],
  [
    'needs: [{pipeline: $P, job: a}, {project: b/c, ref: main, job: d, artifacts: false}]',
    {
      needs: {
        jobs: [],
        upstream: [
          { value: { kind: 'pipeline', pipeline: '$P', job: 'a', artifacts: true } },
          { value: { kind: 'project', project: 'b/c', ref: 'main', job: 'd', artifacts: false } },
        ],
      },
    },
  ],
  [
    'rules: [{exists: {paths: [a], project: b/c, ref: main}}]',
    { rules: [{ exists: { paths: ['a'], project: 'b/c', ref: 'main' } }] },
  ],
  ['needs: []', { needs: { jobs: [], upstream: [] } }],
  [
    'needs: [other, [{job: third, artifacts: false, optional: true}]]',
    {
      needs: {
        jobs: [
          { job: 'other', artifacts: true, optional: false, matrix: null },
          { job: 'third', artifacts: false, optional: true, matrix: null },
        ],
      },
    },
  ],
  ['needs: {job: other}', { needs: { jobs: [{ job: 'other', artifacts: true, optional: false }] } }],
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

describe('every keyword of GitLab is read, or refused by name', () => {
  it('in jobs', () => {
    expect([...JOB_KEYWORDS].toSorted()).toEqual([...JOB_KEYWORDS_OF_GITLAB].toSorted())
  })

  it('at the top level', () => {
    expect([...GLOBAL_KEYWORDS, 'spec'].toSorted()).toEqual([...GLOBAL_KEYWORDS_OF_GITLAB].toSorted())
  })

  it('spec in the body is a job to GitLab', async () => {
    expect(await messagesOf('job: {script: x}\nspec: {a: b}')).toEqual([
      'jobs spec config should implement the script:, run:, or trigger: keyword',
    ])
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

it.each([
  ['types: [a]\njob: {script: x}', '"types" is called "stages" today'],
  ['job: {script: x, type: test}', '"type" is called "stage" today'],
])('knows the former name in %j', async (text, help) => {
  expect(await diagnosticsOf(text)).toMatchObject([{ help }])
})

it.each([
  ['{}', 'value at root is not an array'],
  ['[~]', 'value at `/0` is not an object'],
  ['[{name: a}]', 'object at `/0` is missing required properties: step'],
  ['[{script: x}]', 'object at `/0` is missing required properties: name'],
  [
    '[{name: a, script: x}, {name: 1a, script: x}]',
    'string at `/1/name` does not match pattern: ^[a-za-z_][a-za-z0-9_]*$',
  ],
  ['[{name: a, script: ""}]', 'string length at `/0/script` is less than: 1'],
  ['[{name: a, script: [x]}]', 'value at `/0/script` is not a string'],
  ['[{name: a, script: x, foo: 1}]', 'object property at `/0/foo` is a disallowed additional property'],
  [
    '[{name: a, script: x, inputs: {}}]',
    'object property at `/0/inputs` is a disallowed additional property',
  ],
  ['[{name: a, script: x, env: {A: 1}}]', 'value at `/0/env/a` is not a string'],
  [
    '[{name: a, step: x, inputs: {1b: 1}}]',
    'object property at `/0/inputs/1b` is a disallowed additional property',
  ],
  ['[{name: a, func: {git: {url: u}}}]', 'object at `/0/func/git` is missing required properties: rev'],
  [
    '[{name: a, step: {oci: {registry: r, repository: p, tag: 1}}}]',
    'value at `/0/step/oci/tag` is not a string',
  ],
])('judges the steps of `run` as the schema does: %s', async (steps, message) => {
  expect(await diagnosticsOf(`job: {run: ${steps}}`)).toMatchObject([{ message: `jobs:job run ${message}` }])
})

it.each([
  ['services: [{name: x, alias: 1}]', 'jobs:job:services:service alias should be a string'],
  ['services: [{name: x, variables: [A]}]', 'jobs:job:services:service:variables config should be a hash'],
  ['image: {name: x, ports: [80]}', 'jobs:job:image config contains disallowed keys: ports'],
  [
    'image: {name: x, docker: {invalid: option}}',
    'jobs:job:image executor opts object property at `/docker/invalid` is a disallowed additional property',
  ],
  [
    'services: [{name: x, docker: {platform: 123}}]',
    'jobs:job:services:service executor opts value at `/docker/platform` is not a string',
  ],
  [
    'image: {name: x, docker: {user: ""}}',
    'jobs:job:image executor opts string length at `/docker/user` is less than: 1',
  ],
  ['image: {name: x, docker: dave}', 'jobs:job:image executor opts value at `/docker` is not an object'],
])('judges what stands beside the name of an image: %s', async (keyword, message) => {
  expect(await messagesOf(`job: {script: x, ${keyword}}`)).toEqual([message])
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

describe('a bridge reads', () => {
  const bridges: [text: string, expected: Record<string, unknown>][] = [
    ['trigger: group/app', { trigger: { plan: { kind: 'project', project: 'group/app', branch: null } } }],
    [
      'trigger: {project: group/app, branch: $B, strategy: depend, forward: {yaml_variables: false, pipeline_variables: true}, inputs: {a: b}}',
      {
        trigger: {
          plan: {
            branch: '$B',
            strategy: 'depend',
            forward: { yamlVariables: false, pipelineVariables: true },
            inputs: { a: 'b' },
          },
        },
      },
    ],
    [
      'trigger: {include: child.yml, strategy: mirror}',
      { trigger: { plan: { kind: 'child', strategy: 'mirror', includes: [{ local: 'child.yml' }] } } },
    ],
    [
      'trigger: {include: [{project: a/b, file: [c, d], ref: e}, {component: f@1, inputs: {g: h}}]}',
      {
        trigger: {
          plan: {
            includes: [
              { project: 'a/b', file: ['c', 'd'], ref: 'e' },
              { component: 'f@1', inputs: { g: 'h' } },
            ],
          },
        },
      },
    ],
    [
      'trigger: a/b\n  when: manual\n  allow_failure: true',
      { when: 'manual', allow_failure: { allowed: true } },
    ],
    ['trigger: a/b\n  parallel: {matrix: [{A: [x, y]}]}', { parallel: { kind: 'matrix' } }],
    ['needs: {pipeline: a/b}', { needs: { upstream: [{ value: { kind: 'mirror', pipeline: 'a/b' } }] } }],
  ]
  it.each(bridges)('%s', async (lines, expected) => {
    const { jobs } = await configOf(`job:\n  ${lines}\n`)
    expect(jobs.get('job')).toMatchObject({ kind: 'bridge', keywords: expected })
  })

  it('no default but interruptible', async () => {
    const { jobs } = await configOf(
      'default: {image: a, interruptible: true, tags: [b]}\njob: {trigger: a/b}\n',
    )
    expect(Object.keys(jobs.get('job')?.keywords ?? {}).toSorted()).toEqual(['interruptible', 'trigger'])
  })
})
