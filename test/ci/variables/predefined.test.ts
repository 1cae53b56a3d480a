import { describe, expect, it } from 'vitest'
import { commitVariables } from '../../../src/ci/variables/predefined-commit.ts'
import { groupName, jobFactVariables } from '../../../src/ci/variables/predefined-job.ts'
import { pipelineNameVariables, pipelineVariables } from '../../../src/ci/variables/predefined-pipeline.ts'
import { projectVariables } from '../../../src/ci/variables/predefined-project.ts'
import { serverVariables } from '../../../src/ci/variables/predefined-server.ts'
import { persistedVariables } from '../../../src/ci/variables/persisted.ts'
import { userVariables } from '../../../src/ci/variables/user.ts'
import type { Variable } from '../../../src/model/variable.ts'

const values = (list: readonly Variable[]): Record<string, string> =>
  Object.fromEntries(list.map(({ key, value }) => [key, value]))
const server = { url: 'http://127.0.0.1:8929', version: '18.5.2' }

it('describes the server by its address', () => {
  expect(values(serverVariables(server))).toMatchObject({
    CI: 'true',
    GITLAB_CI: 'true',
    CI_SERVER_URL: 'http://127.0.0.1:8929',
    CI_SERVER_HOST: '127.0.0.1',
    CI_SERVER_PORT: '8929',
    CI_SERVER_PROTOCOL: 'http',
    CI_SERVER_FQDN: '127.0.0.1:8929',
    CI_SERVER_NAME: 'GitLab',
    CI_SERVER_VERSION: '18.5.2',
    CI_SERVER_VERSION_MAJOR: '18',
    CI_SERVER_VERSION_MINOR: '5',
    CI_SERVER_VERSION_PATCH: '2',
    CI_API_V4_URL: 'http://127.0.0.1:8929/api/v4',
    CI_API_GRAPHQL_URL: 'http://127.0.0.1:8929/api/graphql',
    GITLAB_FEATURES: '',
  })
  expect(values(serverVariables({ url: 'https://ci.example.com', version: '18.5.2' }))).toMatchObject({
    CI_SERVER_PORT: '443',
    CI_SERVER_FQDN: 'ci.example.com',
  })
})

it('describes the project by its path', () => {
  const project = {
    id: 9,
    name: 'group/sub_group/My.App',
    defaultBranch: 'main',
    configPath: '.gitlab-ci.yml',
  }
  expect(values(projectVariables(project, server))).toMatchObject({
    CI_PROJECT_ID: '9',
    CI_PROJECT_NAME: 'My.App',
    CI_PROJECT_TITLE: 'My.App',
    CI_PROJECT_PATH: 'group/sub_group/My.App',
    CI_PROJECT_PATH_SLUG: 'group-sub-group-my-app',
    CI_PROJECT_NAMESPACE: 'group/sub_group',
    CI_PROJECT_ROOT_NAMESPACE: 'group',
    CI_PROJECT_URL: 'http://127.0.0.1:8929/group/sub_group/My.App',
    CI_PROJECT_VISIBILITY: 'private',
    CI_DEFAULT_BRANCH: 'main',
    CI_CONFIG_PATH: '.gitlab-ci.yml',
  })
})

describe('a commit', () => {
  const commit = {
    sha: 'a'.repeat(40),
    parents: [],
    message: 'Title\n\nBody, first line\nsecond\n',
    authorName: 'Ada',
    authorEmail: 'ada@example.com',
    authoredAt: '2024-05-06T07:08:09+02:00',
    committerName: 'Grace',
    committerEmail: 'grace@example.com',
    committedAt: '2024-05-06T08:09:10+02:00',
  }
  const facts = {
    commit,
    sha: commit.sha,
    beforeSha: '0'.repeat(40),
    ref: 'feature/X_1',
    tag: false,
    tagMessage: null,
    refProtected: false,
  }

  it('of a branch', () => {
    const found = values(commitVariables(facts))
    expect(found).toMatchObject({
      CI_COMMIT_SHA: commit.sha,
      CI_COMMIT_SHORT_SHA: 'aaaaaaaa',
      CI_COMMIT_BEFORE_SHA: '0'.repeat(40),
      CI_COMMIT_REF_NAME: 'feature/X_1',
      CI_COMMIT_REF_SLUG: 'feature-x-1',
      CI_COMMIT_BRANCH: 'feature/X_1',
      CI_COMMIT_REF_PROTECTED: 'false',
      CI_COMMIT_MESSAGE: 'Title\n\nBody, first line\nsecond\n',
      CI_COMMIT_TITLE: 'Title',
      CI_COMMIT_DESCRIPTION: '\nBody, first line\nsecond',
      CI_COMMIT_AUTHOR: 'Ada <ada@example.com>',
      CI_COMMIT_TIMESTAMP: '2024-05-06T08:09:10+02:00',
    })
    expect(found).not.toHaveProperty('CI_COMMIT_TAG')
    expect(found).not.toHaveProperty('CI_COMMIT_TAG_MESSAGE')
  })

  it('of a tag', () => {
    const found = values(commitVariables({ ...facts, ref: 'v1', tag: true, tagMessage: 'first' }))
    expect(found).toMatchObject({
      CI_COMMIT_TAG: 'v1',
      CI_COMMIT_TAG_MESSAGE: 'first',
      CI_COMMIT_REF_NAME: 'v1',
    })
    expect(found).not.toHaveProperty('CI_COMMIT_BRANCH')
  })

  it.each([
    ['Title\n', ''],
    ['Title', ''],
    [`${'t'.repeat(99)}\nbody\n`, 'body'],
    [`${'t'.repeat(100)}\nbody\n`, `${'t'.repeat(100)}\nbody\n`],
  ])('describes %j', (message, description) => {
    expect(
      values(commitVariables({ ...facts, commit: { ...commit, message } }))['CI_COMMIT_DESCRIPTION'],
    ).toBe(description)
  })
})

describe('a pipeline', () => {
  const facts = {
    source: 'push',
    createdAt: Date.UTC(2026, 10, 22, 10, 3, 11, 500),
    iid: 42,
    triggered: false,
    scheduleDescription: null,
    serverUrl: server.url,
    projectPath: 'group/app',
    configPath: '.gitlab-ci.yml',
    ref: 'main',
    tag: false,
  } as const

  it('of a push', () => {
    expect(values(pipelineVariables(facts))).toEqual({
      CI_PIPELINE_IID: '42',
      CI_PIPELINE_SOURCE: 'push',
      CI_PIPELINE_CREATED_AT: '2026-11-22T10:03:11Z',
      CI_CONFIG_REF_URI: '127.0.0.1:8929/group/app//.gitlab-ci.yml@refs/heads/main',
    })
  })

  it('of a trigger token', () => {
    expect(values(pipelineVariables({ ...facts, source: 'trigger', triggered: true }))).toMatchObject({
      CI_PIPELINE_SOURCE: 'trigger',
      CI_PIPELINE_TRIGGERED: 'true',
    })
  })

  it('of a schedule', () => {
    expect(
      values(pipelineVariables({ ...facts, source: 'schedule', scheduleDescription: 'nightly' })),
    ).toMatchObject({ CI_PIPELINE_SCHEDULE_DESCRIPTION: 'nightly' })
  })

  it('with a name', () => {
    expect(values(pipelineNameVariables('Release 1'))).toEqual({ CI_PIPELINE_NAME: 'Release 1' })
    expect(pipelineNameVariables(null)).toEqual([])
  })
})

describe('a job', () => {
  const facts = {
    name: 'unit tests',
    stage: 'test',
    parallel: null,
    image: null,
    manual: false,
    environment: null,
  }

  it('alone', () => {
    expect(values(jobFactVariables(facts))).toEqual({
      CI_JOB_NAME: 'unit tests',
      CI_JOB_NAME_SLUG: 'unit-tests',
      CI_JOB_GROUP_NAME: 'unit tests',
      CI_JOB_STAGE: 'test',
      CI_NODE_TOTAL: '1',
    })
  })

  it('of a parallel group, played by hand in a shell', () => {
    const found = values(
      jobFactVariables({
        ...facts,
        name: 'unit 2/3',
        parallel: { index: 2, total: 3 },
        image: 'ruby',
        manual: true,
        environment: 'shared',
      }),
    )
    expect(found).toMatchObject({
      CI_JOB_NAME: 'unit 2/3', CI_JOB_GROUP_NAME: 'unit', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3', CI_JOB_IMAGE: 'ruby', CI_JOB_MANUAL: 'true',
      CI_SHARED_ENVIRONMENT: 'true',
    }) // prettier-ignore
    expect(found).not.toHaveProperty('CI_DISPOSABLE_ENVIRONMENT')
  })

  it.each([
    ['rspec 1/2', 'rspec'],
    ['rspec: [aws, 3.1]', 'rspec'],
    ['rspec:1:2', 'rspec'],
    ['rspec 0 1', 'rspec'],
    ['build: [a] 1/2', 'build'],
    ['rspec', 'rspec'],
    ['rspec 2', 'rspec 2'],
  ])('%s is of the group %s', (name, group) => {
    expect(groupName(name)).toBe(group)
  })
})

it('adds what only rows know, the token masked', () => {
  const found = persistedVariables({
    jobId: 7, jobToken: 'secret', pipelineId: 5, pipelineIid: 2, projectUrl: 'http://h/g/a', repositoryUrl: 'file:///m', startedAt: 0, triggerShortToken: 'abcd',
  }) // prettier-ignore
  expect(values(found)).toEqual({
    CI_PIPELINE_ID: '5',
    CI_PIPELINE_IID: '2',
    CI_PIPELINE_URL: 'http://h/g/a/-/pipelines/5',
    CI_JOB_ID: '7',
    CI_JOB_URL: 'http://h/g/a/-/jobs/7',
    CI_REPOSITORY_URL: 'file:///m',
    CI_JOB_STARTED_AT: '1970-01-01T00:00:00Z',
    CI_JOB_TOKEN: 'secret',
    CI_TRIGGER_SHORT_TOKEN: 'abcd',
  })
  expect(found.filter(({ masked }) => masked).map(({ key }) => key)).toEqual(['CI_JOB_TOKEN'])
})

it('names the user', () => {
  expect(values(userVariables({ id: 1, username: 'root', name: 'Ada', email: 'a@b' }))).toEqual({
    GITLAB_USER_ID: '1',
    GITLAB_USER_EMAIL: 'a@b',
    GITLAB_USER_LOGIN: 'root',
    GITLAB_USER_NAME: 'Ada',
  })
})
