// What rules and jobs find predefined, pipeline source by pipeline source: the variables that exist before a job's row does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compilePipeline, type CompileRequest } from '../../src/compile/compile.ts'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { type GitRepository, openRepository } from '../../src/platform/git.ts'
import { makeRepository } from '../support/git.ts'

type Event =
  | 'push'
  | 'tag'
  | 'trigger'
  | 'schedule'
  | 'web'
  | 'api'
  | 'merge request'
  | 'child'
  | 'downstream'
  | 'push to main'

/** A value, or null: the variable does not exist, so that `$NAME == null`. `<head>` and the like stand for what git says. */
type Value = string | null
type Row = readonly [name: string, push: Value, others?: Partial<Record<Event, Value>>]

const each = (value: Value, ...events: Event[]): Partial<Record<Event, Value>> =>
  Object.fromEntries(events.map((event) => [event, value]))
const inMergeRequest = (value: string): Partial<Record<Event, Value>> => ({ 'merge request': value })
const downstream = (value: string): Partial<Record<Event, Value>> => each(value, 'child', 'downstream')

const TABLE: readonly Row[] = [
  // server
  ['CI', 'true'],
  ['GITLAB_CI', 'true'],
  ['CI_API_V4_URL', 'http://127.0.0.1:8929/api/v4'],
  ['CI_API_GRAPHQL_URL', 'http://127.0.0.1:8929/api/graphql'],
  ['CI_SERVER_URL', 'http://127.0.0.1:8929'],
  ['CI_SERVER_HOST', '127.0.0.1'],
  ['CI_SERVER_PORT', '8929'],
  ['CI_SERVER_PROTOCOL', 'http'],
  ['CI_SERVER_FQDN', '127.0.0.1:8929'],
  ['CI_SERVER_NAME', 'GitLab'],
  ['CI_SERVER_VERSION', '18.5.0'],
  ['CI_SERVER_VERSION_MAJOR', '18'],
  ['CI_SERVER_VERSION_MINOR', '5'],
  ['CI_SERVER_VERSION_PATCH', '0'],
  ['CI_SERVER_SHELL_SSH_HOST', '127.0.0.1'],
  ['CI_SERVER_SHELL_SSH_PORT', '22'],
  ['CI_SERVER_TLS_CA_FILE', null],
  ['CI_SERVER_TLS_CERT_FILE', null],
  ['CI_SERVER_TLS_KEY_FILE', null],
  ['CI_TEMPLATE_REGISTRY_HOST', 'registry.gitlab.com'],
  ['CI_GITLAB_FIPS_MODE', null],
  ['GITLAB_FEATURES', ''],
  // project
  ['CI_CONFIG_PATH', '.gitlab-ci.yml'],
  ['CI_PROJECT_ID', '9'],
  ['CI_PROJECT_NAME', 'My.App'],
  ['CI_PROJECT_TITLE', 'My.App'],
  ['CI_PROJECT_PATH', 'group/sub/My.App'],
  ['CI_PROJECT_PATH_SLUG', 'group-sub-my-app'],
  ['CI_PROJECT_NAMESPACE', 'group/sub'],
  ['CI_PROJECT_ROOT_NAMESPACE', 'group'],
  ['CI_PROJECT_NAMESPACE_SLUG', 'group-sub'],
  ['CI_PROJECT_URL', 'http://127.0.0.1:8929/group/sub/My.App'],
  ['CI_PROJECT_VISIBILITY', 'private'],
  ['CI_PROJECT_DESCRIPTION', ''],
  ['CI_PROJECT_REPOSITORY_LANGUAGES', ''],
  ['CI_PROJECT_CLASSIFICATION_LABEL', ''],
  ['CI_PROJECT_TOPICS', ''],
  ['CI_DEFAULT_BRANCH', 'main'],
  ['CI_DEFAULT_BRANCH_SLUG', 'main'],
  // commit and ref
  ['CI_COMMIT_SHA', '<head>'],
  ['CI_COMMIT_SHORT_SHA', '<short>'],
  [
    'CI_COMMIT_BEFORE_SHA',
    '<before>',
    each(ZERO_SHA, 'tag', 'trigger', 'schedule', 'web', 'api', 'merge request', 'downstream'),
  ],
  ['CI_COMMIT_REF_NAME', 'feature/X_1', { tag: 'v1.0', 'push to main': 'main' }],
  ['CI_COMMIT_REF_SLUG', 'feature-x-1', { tag: 'v1-0', 'push to main': 'main' }],
  ['CI_COMMIT_REF_PROTECTED', 'false', { 'push to main': 'true' }],
  ['CI_COMMIT_BRANCH', 'feature/X_1', { tag: null, 'merge request': null, 'push to main': 'main' }],
  ['CI_COMMIT_TAG', null, { tag: 'v1.0' }],
  ['CI_COMMIT_TAG_MESSAGE', null, { tag: 'of the tag' }],
  ['CI_COMMIT_MESSAGE', 'Draft: a title\n\nFirst line\nsecond\n'],
  ['CI_COMMIT_TITLE', 'Draft: a title'],
  ['CI_COMMIT_DESCRIPTION', '\nFirst line\nsecond'],
  ['CI_COMMIT_AUTHOR', '<author>'],
  ['CI_COMMIT_TIMESTAMP', '<timestamp>'],
  ['CI_OPEN_MERGE_REQUESTS', null, inMergeRequest('group/sub/My.App!7')],
  ['CI_DEPLOY_FREEZE', null],
  // pipeline
  ['CI_PIPELINE_ID', null],
  ['CI_PIPELINE_URL', null],
  ['CI_PIPELINE_IID', '31'],
  [
    'CI_PIPELINE_SOURCE',
    'push',
    {
      trigger: 'trigger',
      schedule: 'schedule',
      web: 'web',
      api: 'api',
      'merge request': 'merge_request_event',
      child: 'parent_pipeline',
      downstream: 'pipeline',
    },
  ],
  ['CI_PIPELINE_TRIGGERED', null, { trigger: 'true' }],
  ['CI_PIPELINE_CREATED_AT', '2026-11-22T10:00:00Z'],
  [
    'CI_PIPELINE_NAME',
    'from push',
    {
      trigger: 'from trigger',
      schedule: 'from schedule',
      web: 'from web',
      api: 'from api',
      'merge request': 'from merge_request_event',
      child: 'from parent_pipeline',
      downstream: 'from pipeline',
    },
  ],
  ['CI_PIPELINE_SCHEDULE_DESCRIPTION', null, { schedule: 'Every night' }],
  ['CI_UPSTREAM_PIPELINE_ID', null, downstream('5')],
  ['CI_UPSTREAM_PROJECT_ID', null, downstream('6')],
  ['CI_UPSTREAM_JOB_ID', null, downstream('7')],
  // merge requests
  ['CI_MERGE_REQUEST_ID', null, inMergeRequest('7')],
  ['CI_MERGE_REQUEST_IID', null, inMergeRequest('7')],
  ['CI_MERGE_REQUEST_TITLE', null, inMergeRequest('Draft: a title')],
  ['CI_MERGE_REQUEST_DESCRIPTION', null, inMergeRequest('First line\nsecond')],
  ['CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED', null, inMergeRequest('false')],
  ['CI_MERGE_REQUEST_LABELS', null],
  ['CI_MERGE_REQUEST_MILESTONE', null],
  ['CI_MERGE_REQUEST_ASSIGNEES', null],
  ['CI_MERGE_REQUEST_APPROVED', null],
  ['CI_MERGE_REQUEST_DRAFT', null, inMergeRequest('true')],
  ['CI_MERGE_REQUEST_EVENT_TYPE', null, inMergeRequest('detached')],
  ['CI_MERGE_REQUEST_DIFF_BASE_SHA', null, inMergeRequest('<before>')],
  ['CI_MERGE_REQUEST_DIFF_ID', null, inMergeRequest('1')],
  ['CI_MERGE_REQUEST_PROJECT_ID', null, inMergeRequest('9')],
  ['CI_MERGE_REQUEST_PROJECT_PATH', null, inMergeRequest('group/sub/My.App')],
  ['CI_MERGE_REQUEST_PROJECT_URL', null, inMergeRequest('http://127.0.0.1:8929/group/sub/My.App')],
  ['CI_MERGE_REQUEST_REF_PATH', null, inMergeRequest('refs/merge-requests/7/head')],
  ['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', null, inMergeRequest('feature/X_1')],
  ['CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED', null, inMergeRequest('false')],
  ['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA', null, inMergeRequest('')],
  ['CI_MERGE_REQUEST_SOURCE_PROJECT_ID', null, inMergeRequest('9')],
  ['CI_MERGE_REQUEST_SOURCE_PROJECT_PATH', null, inMergeRequest('group/sub/My.App')],
  ['CI_MERGE_REQUEST_SOURCE_PROJECT_URL', null, inMergeRequest('http://127.0.0.1:8929/group/sub/My.App')],
  ['CI_MERGE_REQUEST_TARGET_BRANCH_NAME', null, inMergeRequest('main')],
  ['CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED', null, inMergeRequest('true')],
  ['CI_MERGE_REQUEST_TARGET_BRANCH_SHA', null, inMergeRequest('')],
  ['CI_MERGE_REQUEST_SQUASH_ON_MERGE', null, inMergeRequest('false')],
  ['CI_EXTERNAL_PULL_REQUEST_IID', null],
  // what only a job has, and what stays undefined on one machine
  ['CI_JOB_ID', null],
  ['CI_JOB_TOKEN', null],
  ['CI_JOB_STATUS', null],
  ['CI_RUNNER_ID', null],
  ['CI_REPOSITORY_URL', null],
  ['CI_REGISTRY', null],
  ['CI_REGISTRY_IMAGE', null],
  ['CI_REGISTRY_USER', null],
  ['CI_DEPENDENCY_PROXY_SERVER', null],
  ['CI_DEPLOY_USER', null],
  ['CI_RELEASE_DESCRIPTION', null],
  ['CI_KUBERNETES_ACTIVE', null],
  ['KUBECONFIG', null],
  ['CI_HAS_OPEN_REQUIREMENTS', null],
  ['CI_DEBUG_TRACE', null],
  ['CHAT_CHANNEL', null],
  ['TRIGGER_PAYLOAD', null],
]

const UPSTREAM = { pipelineId: 5, projectId: 6, jobId: 7 }

/** How the pipeline of an event differs from a push to a branch. */
const REQUESTS: Readonly<Record<Event, Partial<CompileRequest>>> = {
  push: {},
  'push to main': { ref: 'main' },
  tag: { ref: 'v1.0', tag: true, tagMessage: 'of the tag', beforeSha: ZERO_SHA },
  trigger: { source: 'trigger', triggered: true, beforeSha: ZERO_SHA },
  schedule: { source: 'schedule', scheduleDescription: 'Every night', beforeSha: ZERO_SHA },
  web: { source: 'web', beforeSha: ZERO_SHA },
  api: { source: 'api', beforeSha: ZERO_SHA },
  'merge request': { source: 'merge_request_event', beforeSha: ZERO_SHA },
  child: { source: 'parent_pipeline', upstream: UPSTREAM },
  downstream: { source: 'pipeline', upstream: UPSTREAM, beforeSha: ZERO_SHA },
}

const CI = `workflow: {name: 'from $CI_PIPELINE_SOURCE'}\njob: {script: x, rules: [{when: always}]}\n`

describe('predefined variables', () => {
  let repository: GitRepository
  let request: CompileRequest
  let facts: Readonly<Record<string, string>>
  beforeAll(() => {
    const { root, gitDir, git, commit } = makeRepository({ files: { '.gitlab-ci.yml': CI } })
    const before = git('rev-parse', 'HEAD')
    const head = commit('Draft: a title\n\nFirst line\nsecond\n', { f: '1' })
    facts = {
      '<head>': head,
      '<short>': head.slice(0, 8),
      '<before>': before,
      '<author>': git('log', '-1', '--format=%an <%ae>'),
      '<timestamp>': git('log', '-1', '--format=%cI').replace(/Z$/, '+00:00'),
    }
    repository = openRepository(gitDir)
    request = {
      project: {
        id: 9,
        name: 'group/sub/My.App',
        path: root,
        repository: gitDir,
        defaultBranch: 'main',
        variables: [],
        configPath: '.gitlab-ci.yml',
        createdAt: 0,
      },
      repository,
      configPath: '.gitlab-ci.yml',
      treeSha: head,
      sha: head,
      beforeSha: before,
      ref: 'feature/X_1',
      tag: false,
      tagMessage: null,
      source: 'push',
      pipelineVariables: [],
      pipelineIid: 31,
      user: null,
      triggered: false,
      scheduleDescription: null,
      server: { url: 'http://127.0.0.1:8929', version: '18.5.0' },
      createdAt: Date.UTC(2026, 10, 22, 10),
      inputs: {},
      selection: null,
      forRun: false,
    }
  })
  afterAll(() => repository.close())

  it.each(Object.keys(REQUESTS) as Event[])('of a pipeline: %s', async (event) => {
    const mergeRequest =
      event === 'merge request'
        ? { iid: 7, targetBranch: 'main', targetSha: request.beforeSha, diffBaseSha: request.beforeSha }
        : null
    const outcome = await compilePipeline({ ...request, ...REQUESTS[event], mergeRequest })
    if (outcome.kind !== 'plan') throw new Error(outcome.kind)
    const found = new Map(outcome.predefined.map(({ key, value }) => [key, value]))
    const expected = TABLE.map(([name, push, others = {}]) => {
      const value = event in others ? (others[event] ?? null) : push
      return [name, value === null ? null : (facts[value] ?? value)]
    })
    expect(TABLE.map(([name]) => [name, found.get(name) ?? null])).toEqual(expected)
  })
})
