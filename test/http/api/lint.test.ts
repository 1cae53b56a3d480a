import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonBody, type Received } from '../support/request.ts'
import { SHA } from '../support/rows.ts'
import { ACCESS_TOKEN, OUTSIDER_TOKEN, READ_TOKEN, startServer, type TestServer } from '../support/server.ts'

const files: Readonly<Record<string, string>> = {
  '.gitlab-ci.yml': 'include: ci/deploy.yml\nbuild: {stage: build, script: make}\n',
  'ci/deploy.yml': 'deploy: {stage: deploy, script: [ship], only: [tags], tags: [docker]}\n',
}
let server: TestServer
let empty: TestServer
beforeAll(async () => {
  const repository = {
    resolveRef: (name: string) =>
      Promise.resolve(
        name === 'main' || name === 'refs/heads/main'
          ? { name: 'main', tag: false, sha: SHA, tagMessage: null }
          : name === 'v1'
            ? { name, tag: true, sha: SHA, tagMessage: null }
            : ('not_found' as const),
      ),
    resolveRevision: (name: string) => Promise.resolve(name === 'main' || name === SHA ? SHA : undefined),
    readFile: (_sha: string, path: string) => {
      const text = files[path]
      return Promise.resolve(
        text === undefined ? undefined : { blobId: `id of ${path}`, bytes: Buffer.from(text) },
      )
    },
  }
  server = await startServer({ repository })
  empty = await startServer({
    repository: { refs: () => Promise.resolve([]), resolveRef: () => Promise.resolve('not_found') },
  })
})
afterAll(() => Promise.all([server.close(), empty.close()]))

const post = (
  params: Readonly<Record<string, unknown>>,
  token = ACCESS_TOKEN,
  to = server,
): Promise<Received> => to.send('/api/v4/projects/9/ci/lint', jsonBody(params, { 'PRIVATE-TOKEN': token }))
const posted = async (params: Readonly<Record<string, unknown>>): Promise<unknown> => {
  const { status, text } = await post(params)
  expect(status).toBe(200)
  return JSON.parse(text)
}
const got = async (query: string): Promise<Record<string, unknown>> =>
  JSON.parse((await server.get(`/projects/9/ci/lint${query}`)).text)

describe('POST /projects/:id/ci/lint', () => {
  // The two answers of GitLab's documentation (doc/api/lint.md).
  it('answers about a valid configuration', async () => {
    expect(await posted({ content: 'test_job:\n  script: echo 1' })).toEqual({
      valid: true,
      errors: [],
      warnings: [],
      merged_yaml: '---\ntest_job:\n  script: echo 1\n',
      includes: [],
    })
  })

  it('answers about an invalid one', async () => {
    expect(await posted({ content: '.job:\n  script: [\'echo "A hidden job"\']' })).toEqual({
      valid: false,
      errors: ['jobs config should contain at least one visible job'],
      warnings: [],
      merged_yaml: '---\n".job":\n  script:\n  - echo "A hidden job"\n',
      includes: [],
    })
  })

  it.each<[string, string, string]>([
    ['nothing', '', 'Please provide content of .gitlab-ci.yml'],
    ['blanks', ' \n', 'Please provide content of .gitlab-ci.yml'],
    ['no hash', '[a]', 'Invalid configuration format'],
    ['no YAML', 'a: b: c', '(<unknown>): mapping values are not allowed in this context at line 1 column 5'],
  ])('says what is wrong with %s', async (_, content, message) => {
    expect(await posted({ content })).toEqual({
      valid: false,
      errors: [message],
      warnings: [],
      merged_yaml: null,
      includes: null,
    })
  })

  it("gives GitLab's warnings and no others", async () => {
    const content = '.unused: {script: x}\njob: {script: x, rules: [{if: $A}, {when: always}]}'
    expect(await posted({ content })).toMatchObject({
      valid: true,
      warnings: [expect.stringMatching(/^jobs:job may allow multiple pipelines to run for a single action/)],
    })
  })

  it('shows jobs as the static check does', async () => {
    const content =
      'b: {stage: deploy, script: [x, y], before_script: z, tags: [docker], when: manual, needs: [a], environment: prod}\na: {script: x, only: [tags]}'
    expect(await posted({ content, include_jobs: true })).toMatchObject({
      jobs: [
        {
          name: 'a',
          stage: 'test',
          before_script: [],
          script: ['x'],
          after_script: [],
          tag_list: [],
          only: { refs: ['tags'] },
          except: null,
          environment: null,
          when: 'on_success',
          allow_failure: false,
          needs: null,
        },
        {
          name: 'b',
          stage: 'deploy',
          before_script: ['z'],
          script: ['x', 'y'],
          after_script: [],
          tag_list: ['docker'],
          only: { refs: ['branches', 'tags'] },
          except: null,
          environment: 'prod',
          when: 'manual',
          allow_failure: true,
          needs: [{ name: 'a', artifacts: true, optional: false }],
        },
      ],
    })
  })

  it('simulates a push with dry_run', async () => {
    const content = 'a: {script: x, only: [tags]}\nb: {script: x}'
    const names = async (ref?: string): Promise<unknown> => {
      const answer = (await posted({
        content,
        dry_run: true,
        include_jobs: true,
        ...(ref === undefined ? {} : { ref }),
      })) as { jobs: { name: string }[] }
      return answer.jobs.map(({ name }) => name)
    }
    expect(await names()).toEqual(['b'])
    expect(await names('')).toEqual(['b'])
    expect(await names('v1')).toEqual(['a', 'b'])
    expect(await posted({ content: 'a: {script: x}', dry_run: true, include_jobs: true })).toMatchObject({
      jobs: [
        {
          name: 'a',
          stage: 'test',
          before_script: [],
          script: ['x'],
          after_script: [],
          tag_list: [],
          environment: null,
          when: 'on_success',
          allow_failure: false,
        },
      ],
    })
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['a ref that does not exist', { ref: 'nope', content: 'a: {script: x}' }, 'Reference not found'],
    [
      'rules that leave no job',
      { content: 'a: {script: x, only: [tags]}' },
      'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
    ],
  ])('says why the simulation of %s fails', async (_, params, message) => {
    expect(await posted({ ...params, dry_run: true })).toMatchObject({ valid: false, errors: [message] })
  })

  it('reads local includes in the project, and names them', async () => {
    expect(await posted({ content: 'include: ci/deploy.yml\nx: {script: x}' })).toMatchObject({
      valid: true,
      merged_yaml:
        '---\ndeploy:\n  stage: deploy\n  script:\n  - ship\n  only:\n  - tags\n  tags:\n  - docker\nx:\n  script: x\n',
      includes: [
        {
          type: 'local',
          location: 'ci/deploy.yml',
          blob: `${server.url}/fixtures/upload-to-s3/-/blob/${SHA}/ci/deploy.yml`,
          raw: `${server.url}/fixtures/upload-to-s3/-/raw/${SHA}/ci/deploy.yml`,
          extra: {},
          context_project: 'fixtures/upload-to-s3',
          context_sha: SHA,
        },
      ],
    })
    expect(await posted({ content: 'include: ci/nope.yml' })).toMatchObject({
      valid: false,
      errors: ['Local file `ci/nope.yml` does not exist!'],
    })
  })

  it('works in a project without commits', async () => {
    const { status, text } = await post({ content: 'a: {script: x}' }, ACCESS_TOKEN, empty)
    expect({ status, text }).toEqual({ status: 200, text: expect.stringContaining('"valid":true') })
  })

  it.each<[string, Record<string, unknown>, string, number, string]>([
    ['no content', {}, ACCESS_TOKEN, 400, '{"error":"content is missing"}'],
    ['a wrong flag', { content: 'a', dry_run: 'maybe' }, ACCESS_TOKEN, 400, '{"error":"dry_run is invalid"}'],
    ['a token that may only read', { content: 'a' }, READ_TOKEN, 403, 'insufficient_scope'],
    ['a stranger', { content: 'a' }, OUTSIDER_TOKEN, 404, '{"message":"404 Project Not Found"}'],
  ])('refuses %s', async (_, params, token, status, words) => {
    const answer = await post(params, token)
    expect({ status: answer.status, text: answer.text }).toEqual({
      status,
      text: expect.stringContaining(words),
    })
  })
})

describe('GET /projects/:id/ci/lint', () => {
  it('answers about the configuration of the default branch, or of a commit', async () => {
    for (const query of ['', '?content_ref=main', `?sha=${SHA}`]) {
      const answer = await got(query)
      expect(answer).toMatchObject({ valid: true, errors: [], includes: [{ location: 'ci/deploy.yml' }] })
      expect(answer).not.toHaveProperty('jobs')
    }
  })

  it('shows jobs, and simulates a pipeline', async () => {
    const names = async (query: string): Promise<unknown> =>
      ((await got(query))['jobs'] as { name: string }[]).map(({ name }) => name)
    expect(await names('?include_jobs=true')).toEqual(['build', 'deploy'])
    expect(await names('?include_jobs=true&dry_run=true')).toEqual(['build'])
    expect(await names('?include_jobs=true&dry_run=true&dry_run_ref=v1')).toEqual(['build', 'deploy'])
  })

  it.each<[string, string, number, string]>([
    ['an unknown ref', '?content_ref=nope', 404, '{"message":"404 Commit Not Found"}'],
    [
      'two contents',
      `?sha=${SHA}&content_ref=main`,
      400,
      '{"error":"sha, content_ref are mutually exclusive"}',
    ],
    ['two refs', '?ref=main&dry_run_ref=main', 400, '{"error":"ref, dry_run_ref are mutually exclusive"}'],
  ])('refuses %s', async (_, query, status, text) => {
    expect(await server.get(`/projects/9/ci/lint${query}`)).toMatchObject({ status, text })
  })

  it('refuses an empty repository', async () => {
    expect(await empty.get('/projects/9/ci/lint')).toMatchObject({
      status: 404,
      text: '{"message":"404 Repository Not Found"}',
    })
  })
})
