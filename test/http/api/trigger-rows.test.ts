import { beforeAll, describe, expect, it } from 'vitest'
import { liveServer, type LiveServer } from '../support/live.ts'
import { form, jsonBody, type Sent } from '../support/request.ts'

// What GitLab answers to a trigger, decided by a real repository and a real engine. In the order in which it is decided.

const YAML = `workflow:
  rules: [{if: $NOTHING, when: never}, {when: always}]
build: {script: [make], rules: [{if: $EMPTY, when: never}, {when: on_success}]}
`

let server: LiveServer
let token: string
let sha: string
beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': YAML })
  const { repository } = server
  sha = repository.git('rev-parse', 'HEAD')
  repository.git('branch', 'both')
  repository.git('tag', 'both')
  repository.git('tag', 'v1.0')
  repository.git('branch', 'feature/x')
  const branch = (name: string, file: string | null): void => {
    repository.git('checkout', '-q', '-b', name, 'main')
    repository.commit(name, { '.gitlab-ci.yml': file })
  }
  branch('none', null)
  branch('broken', 'build: {script: [make]}\n  wrong')
  branch('invalid', 'build: {stage: nowhere, script: [make]}\n')
  branch('markup', 'build: {script: [make], only: {refs: ["<b>/["]}, except: 5}\n')
  branch('needs', 'a: {script: [x], rules: [{if: $A}]}\nb: {script: [x], needs: [a]}\n')
  branch('dots', '.hidden: {script: [x]}\n')
  branch('pre', 'stages: [test]\na: {stage: .pre, script: [x]}\n')
  branch('skip', YAML)
  repository.commit('later [skip ci]', { 'README.md': 'x' })
  repository.git('checkout', '-q', 'main')
  token = ((await server.call('POST', '/triggers', { description: 'bot' })).body as { token: string }).token
})

const send = async (sent: Sent, path = '/projects/9/trigger/pipeline') => {
  const { status, headers, text } = await server.send(`/api/v4${path}`, sent)
  return { status, type: headers['content-type'], text }
}
const asked = (more: Record<string, string> = {}): Sent => form({ token, ref: 'main', ...more })
const base = (text: string): string => JSON.stringify({ message: { base: [text] } })
const count = (): number => server.app.store.pipelines.newest(9, 1000).length

describe('refusals that save nothing', () => {
  it.each<[string, () => Sent, number, () => string]>([
    [
      '2 nothing sent',
      () => ({ method: 'POST' }),
      400,
      () => '{"error":"ref is missing, ref is empty, token is missing"}',
    ],
    ['2 token missing', () => form({ ref: 'main' }), 400, () => '{"error":"token is missing"}'],
    ['2 ref missing', () => form({ token }), 400, () => '{"error":"ref is missing, ref is empty"}'],
    ['2 ref blank', () => asked({ ref: '  ' }), 400, () => '{"error":"ref is empty"}'],
    ['2 ref null', () => jsonBody({ token, ref: null }), 400, () => '{"error":"ref is empty"}'],
    [
      '2 variables no object',
      () => asked({ variables: 'A=b' }),
      400,
      () => '{"error":"variables is invalid"}',
    ],
    [
      '3 pipeline hook',
      () => jsonBody({ token, ref: 'main' }, { 'X-Gitlab-Event': 'Pipeline Hook' }),
      403,
      () => '{"message":"403 Forbidden"}',
    ],
    [
      '4 a value that is no string',
      () => jsonBody({ token, ref: 'main', variables: { A: 1 } }),
      400,
      () => '{"message":"variables needs to be a map of key-valued strings"}',
    ],
    ['6 unknown token', () => asked({ token: 'glptt-x' }), 404, () => '{"message":"404 Not Found"}'],
    ['9 branch and tag', () => asked({ ref: 'both' }), 400, () => base('Ref is ambiguous')],
    ['10 unknown ref', () => asked({ ref: 'mian' }), 400, () => base('Reference not found')],
    ['10 a SHA', () => asked({ ref: sha }), 400, () => base('Reference not found')],
    ['10 a short SHA', () => asked({ ref: sha.slice(0, 8) }), 400, () => base('Reference not found')],
    ['10 HEAD', () => asked({ ref: 'HEAD' }), 400, () => base('Reference not found')],
    [
      '12 TRIGGER_PAYLOAD',
      () => asked({ 'variables[TRIGGER_PAYLOAD]': 'x' }),
      422,
      () => base('Duplicate variable name: TRIGGER_PAYLOAD'),
    ],
    [
      '13 bad key',
      () => asked({ 'variables[A-B]': 'x' }),
      422,
      () =>
        base(
          "Failed to build pipeline variables: Validation failed: Key can contain only letters, digits and '_'.",
        ),
    ],
    [
      '15 inputs',
      () =>
        jsonBody({
          token,
          ref: 'main',
          inputs: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`i${n}`, n])),
        }),
      400,
      () => base('There cannot be more than 20 inputs'),
    ],
    ['16 no CI file', () => asked({ ref: 'none' }), 400, () => base('Missing CI config file')],
    [
      '18 workflow:rules',
      () => asked({ 'variables[NOTHING]': '1' }),
      400,
      () => base('The pipeline did not run. Review the workflow:rules configuration for the pipeline.'),
    ],
    [
      '19 no job left',
      () => asked({ 'variables[EMPTY]': '1' }),
      400,
      () =>
        base(
          'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
        ),
    ],
    [
      '19 only .pre left',
      () => asked({ ref: 'pre' }),
      400,
      () =>
        base(
          'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
        ),
    ],
  ])('%s', async (_row, sent, status, body) => {
    const before = count()
    expect(await send(sent())).toEqual({ status, type: 'application/json', text: body() })
    expect(count()).toBe(before)
  })

  it('5 no such project', async () => {
    for (const project of ['404', 'app', 'group%2Fapq'])
      expect(await send(asked(), `/projects/${project}/trigger/pipeline`)).toEqual({
        status: 404,
        type: 'application/json',
        text: '{"message":"404 Not Found"}',
      })
  })
})

describe('refusals that save a failed pipeline', () => {
  it.each([
    [
      '17 config',
      'invalid',
      'build job: chosen stage nowhere does not exist; available stages are .pre, build, test, deploy, .post',
    ],
    ['17 only hidden jobs', 'dots', 'jobs config should contain at least one visible job'],
    [
      '20 needs',
      'needs',
      "'b' job needs 'a' job, but 'a' does not exist in the pipeline. This might be because of the only, except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional.",
    ],
  ])('%s', async (_row, ref, text) => {
    const before = count()
    expect(await send(asked({ ref }))).toEqual({ status: 422, type: 'application/json', text: base(text) })
    const [saved] = server.app.store.pipelines.newest(9, 1)
    expect([count(), saved?.status, saved?.configError]).toEqual([before + 1, 'failed', text])
    expect(server.app.store.jobs.headsOf(saved?.id ?? 0)).toEqual([])
  })

  it.each(['broken', 'markup'])('17 a document like %s', async (ref) => {
    const { status, type, text } = await send(asked({ ref }))
    expect([status, type]).toEqual([422, 'application/json'])
    const { base: messages } = (JSON.parse(text) as { message: { base: string[] } }).message
    expect(messages).toHaveLength(1)
    expect(messages[0]).not.toMatch(/[<>]/)
  })
})

describe('21 created', () => {
  it.each([
    ['main', 'main', false],
    ['refs/heads/main', 'main', false],
    ['v1.0', 'v1.0', true],
    ['refs/tags/v1.0', 'v1.0', true],
    ['refs/heads/both', 'both', false],
    ['refs/tags/both', 'both', true],
    ['feature/x', 'feature/x', false],
    ['skip', 'skip', false],
  ])('%s', async (ref, short, tag) => {
    const { status, type, text } = await send(asked({ ref }))
    expect([status, type]).toEqual([201, 'application/json'])
    const made = JSON.parse(text) as Record<string, unknown>
    expect(made).toMatchObject({
      project_id: 9,
      ref: short,
      tag,
      status: 'created',
      source: 'trigger',
      before_sha: '0000000000000000000000000000000000000000',
      yaml_errors: null,
      user: { id: 1, username: 'root', state: 'active' },
      started_at: null,
      finished_at: null,
      committed_at: null,
      duration: null,
      queued_duration: null,
      coverage: null,
      detailed_status: {
        icon: 'status_created',
        text: 'created',
        label: 'created',
        group: 'created',
        tooltip: 'created',
        has_details: true,
        illustration: null,
        favicon: '/assets/ci_favicons/favicon_status_created.png',
      },
    })
    // In GitLab's order.
    expect(Object.keys(made).join(' ')).toBe(
      'id iid project_id sha ref status source created_at updated_at web_url before_sha tag ' +
        'yaml_errors user started_at finished_at committed_at duration queued_duration coverage detailed_status',
    )
  })
})

describe('section 16', () => {
  it('5: 45 pipelines are three pages, by Link alone and by X-Next-Page alone', async () => {
    while (count() < 45) await send(asked())
    const total = count()
    const ids: number[][] = [[], []]
    const pages = Math.ceil(total / 20)
    const read = async (path: string, into: number) => {
      const { headers, text } = await server.send(path, {
        headers: { 'PRIVATE-TOKEN': 'glpat-AccessTokenOfRoot' },
      })
      ids[into]?.push(...(JSON.parse(text) as { id: number }[]).map(({ id }) => id))
      return headers
    }
    const first = '/api/v4/projects/9/pipelines?per_page=20'
    let seen = 0
    for (let url: string | undefined = first; url !== undefined; seen++) {
      const link: string = String((await read(url, 0))['link'])
      const next: string | undefined = /<([^>]*)>; rel="next"/.exec(link)?.[1]
      url = next && new URL(next).pathname + new URL(next).search
    }
    expect(seen).toBe(pages)
    for (let page = '1'; page !== '';) page = String((await read(`${first}&page=${page}`, 1))['x-next-page'])
    expect(new Set(ids[0]).size).toBe(total)
    expect(ids[1]).toEqual(ids[0])
    const capped = await read('/api/v4/projects/9/pipelines?per_page=500', 1)
    expect(capped['x-per-page']).toBe('100')
  })

  it('8: 50 at once on loopback give 50 ids and numbers without a gap', async () => {
    const last = server.app.store.pipelines.newest(9, 1)[0]?.iid ?? 0
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(asked())))
    const made = answers.map(({ text }) => JSON.parse(text) as { id: number; iid: number })
    expect(new Set(made.map(({ id }) => id)).size).toBe(50)
    expect(made.map(({ iid }) => iid).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, n) => last + 1 + n),
    )
  })
})
