import { beforeAll, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, OWNER, type LiveServer } from '../support/live.ts'

let server: LiveServer
let first: string
let second: string
let side: string

beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': 'job: {script: x}\n', 'docs/a.txt': 'one\ntwo\n' })
  const { repository } = server
  first = repository.git('rev-parse', 'HEAD')
  repository.git('tag', 'light')
  repository.git('tag', '-a', 'v1.0', '-m', 'The first release')
  repository.git('checkout', '-q', '-b', 'feature/x')
  side = repository.commit('On the side', { 'side.txt': 's\n' })
  repository.git('checkout', '-q', 'main')
  second = repository.commit('Second\n\nwith a body', { 'docs/a.txt': 'one\nTWO\nthree\n' })
  repository.git('branch', 'release-1', first)
})

const get = (path: string, token = OWNER) => server.call('GET', `/repository${path}`, undefined, token)
const names = (text: string): string[] => (JSON.parse(text) as { name: string }[]).map(({ name }) => name)

describe('branches', () => {
  it('are listed by name, with all their keys', async () => {
    const list = await get('/branches')
    expect(names(list.text)).toEqual(['feature/x', 'main', 'release-1'])
    expect(Object.keys((list.body as object[])[0] ?? {}).join(' ')).toBe(
      'name commit merged protected developers_can_push developers_can_merge can_push default web_url',
    )
    expect((list.body as object[]).map((each) => ({ ...each, commit: null }))).toEqual([
      branch('feature/x', { merged: false, can_push: true }),
      branch('main', { protected: true, can_push: true, default: true }),
      branch('release-1', { merged: true, can_push: true }),
    ])
  })

  const branch = (name: string, more: object) => ({
    name,
    commit: null,
    merged: false,
    protected: false,
    developers_can_push: false,
    developers_can_merge: false,
    can_push: false,
    default: false,
    web_url: `${server.url}/group/app/-/tree/${name}`,
    ...more,
  })

  it.each([
    ['?search=ea', ['feature/x', 'release-1']],
    ['?search=^rel', ['release-1']],
    ['?search=1$', ['release-1']],
    ['?search=^main$', ['main']],
    ['?regex=^(main|rel)', ['main', 'release-1']],
    ['?per_page=1&page=2', ['main']],
  ])('%s', async (query, expected) => {
    expect(names((await get(`/branches${query}`)).text)).toEqual(expected)
  })

  it.each([
    ['?regex=(', '{"message":"Regex is invalid"}'],
    ['?sort=x', '{"error":"sort does not have a valid value"}'],
  ])('%s is refused', async (query, text) => {
    const answer = await get(`/branches${query}`)
    expect([answer.status, answer.text]).toEqual([400, text])
  })

  it('one by name, its slash encoded', async () => {
    const found = await get('/branches/feature%2Fx', DEVELOPER)
    expect(found.body).toMatchObject({ name: 'feature/x', commit: { id: side, title: 'On the side' } })
    expect((await get('/branches/main', DEVELOPER)).body).toMatchObject({ protected: true, can_push: false })
  })

  it.each([
    ['nope', 404, '{"message":"404 Branch Not Found"}'],
    ['v1.0', 404, '{"message":"404 Branch Not Found"}'],
    ['a..b', 400, '{"message":"The branch refname is invalid"}'],
  ])('%s: %s', async (name, status, text) => {
    const answer = await get(`/branches/${name}`)
    expect([answer.status, answer.text]).toEqual([status, text])
  })

  it('HEAD only asks whether it is there', async () => {
    const head = async (name: string) => (await server.call('HEAD', `/repository/branches/${name}`)).status
    expect([await head('main'), await head('nope'), await head('a..b')]).toEqual([204, 404, 404])
  })
})

describe('tags', () => {
  it('one with an annotation, one without', async () => {
    const list = await get('/tags?order_by=name&sort=asc')
    expect(names(list.text)).toEqual(['light', 'v1.0'])
    expect((list.body as object[])[0]).toMatchObject({
      message: null,
      target: first,
      release: null,
      protected: false,
      created_at: null,
    })
    const annotated = (await get('/tags/v1.0')).body as { target: string; created_at: string }
    expect(annotated).toMatchObject({ name: 'v1.0', message: 'The first release', commit: { id: first } })
    expect(annotated.target).toBe(server.repository.git('rev-parse', 'refs/tags/v1.0'))
    expect(annotated.created_at).toMatch(/^\d{4}-.*Z$/)
    expect(Object.keys(annotated).join(' ')).toBe('name message target commit release protected created_at')
  })

  it('unknown', async () => {
    const answer = await get('/tags/v9')
    expect([answer.status, answer.text]).toEqual([404, '{"message":"404 Tag Not Found"}'])
  })
})

describe('commits', () => {
  const shas = (text: string): string[] => (JSON.parse(text) as { id: string }[]).map(({ id }) => id)

  it('newest first, without totals', async () => {
    const list = await get('/commits?per_page=1')
    expect([shas(list.text), list.headers['x-total'], list.headers['x-next-page']]).toEqual([
      [second],
      undefined,
      '2',
    ])
    expect(shas((await get('/commits?per_page=1&page=2')).text)).toEqual([first])
  })

  it.each([
    ['?ref_name=feature%2Fx', () => [side, first]],
    ['?path=docs/a.txt', () => [second, first]],
    ['?path=side.txt', () => []],
    ['?ref_name=nope', () => []],
    ['?until=1999-01-01T00:00:00Z', () => []],
    ['?author=nobody', () => []],
  ])('%s', async (query, expected) => {
    expect(shas((await get(`/commits${query}`)).text)).toEqual(expected())
  })

  it('all of them are of all refs', async () => {
    expect(new Set(shas((await get('/commits?all=true')).text))).toEqual(new Set([first, second, side]))
  })

  it('one by branch has stats and its last pipeline, which glab takes from here', async () => {
    const pipelineId = await server.pipeline()
    const commit = (await get('/commits/main')).body as { last_pipeline: object }
    expect(commit).toMatchObject({
      id: second,
      title: 'Second',
      parent_ids: [first],
      stats: { additions: 2, deletions: 1, total: 3 },
      status: 'pending',
      project_id: 9,
      last_pipeline: { id: pipelineId, ref: 'main', source: 'api' },
    })
    const bare = (await get(`/commits/${first.slice(0, 8)}?stats=false`)).body as object
    expect([bare, 'stats' in bare]).toMatchObject([{ id: first, status: null, last_pipeline: null }, false])
  })

  it('what it changed', async () => {
    expect((await get(`/commits/${second}/diff`)).body).toEqual([
      {
        diff: '@@ -1,2 +1,3 @@\n one\n-two\n+TWO\n+three\n',
        collapsed: false,
        too_large: false,
        new_path: 'docs/a.txt',
        old_path: 'docs/a.txt',
        a_mode: '100644',
        b_mode: '100644',
        new_file: false,
        renamed_file: false,
        deleted_file: false,
        generated_file: false,
      },
    ])
    const root = (await get(`/commits/${first}/diff`)).body as {
      new_path: string
      new_file: boolean
      a_mode: string
    }[]
    expect(root.map(({ new_path, new_file, a_mode }) => [new_path, new_file, a_mode])).toEqual([
      ['.gitlab-ci.yml', true, '0'],
      ['docs/a.txt', true, '0'],
    ])
  })

  it('renames and removals are told apart', async () => {
    server.repository.git('checkout', '-q', '-b', 'moves', first)
    server.repository.git('mv', 'docs/a.txt', 'docs/b.txt')
    server.repository.git('commit', '-q', '-m', 'move')
    server.repository.git('rm', '-q', 'docs/b.txt')
    server.repository.git('commit', '-q', '-m', 'remove')
    server.repository.git('checkout', '-q', 'main')
    expect((await get('/commits/moves~1/diff')).body).toMatchObject([
      { old_path: 'docs/a.txt', new_path: 'docs/b.txt', renamed_file: true, diff: '' },
    ])
    expect((await get('/commits/moves/diff')).body).toMatchObject([
      { old_path: 'docs/b.txt', deleted_file: true, b_mode: '0' },
    ])
    server.repository.git('branch', '-q', '-D', 'moves')
  })

  it('the refs that lead to it', async () => {
    expect((await get(`/commits/${first}/refs`)).body).toEqual([
      { type: 'branch', name: 'feature/x' },
      { type: 'branch', name: 'main' },
      { type: 'branch', name: 'release-1' },
      { type: 'tag', name: 'light' },
      { type: 'tag', name: 'v1.0' },
    ])
    expect((await get(`/commits/${side}/refs?type=branch`)).body).toEqual([
      { type: 'branch', name: 'feature/x' },
    ])
  })

  it.each(['', '/diff', '/refs', '/statuses'])('unknown%s', async (rest) => {
    const answer = await get(`/commits/${'0'.repeat(40)}${rest}`)
    expect([answer.status, answer.text]).toEqual([404, '{"message":"404 Commit Not Found"}'])
  })
})

describe('commit statuses', () => {
  const post = (sha: string, body: unknown, token = DEVELOPER) =>
    server.call('POST', `/statuses/${sha}`, body, token)

  it('make a pipeline of source external, and end it', async () => {
    const made = await post(side, {
      state: 'running',
      name: 'ci/outside',
      target_url: 'https://ci.example/1',
      coverage: 9.5,
    })
    expect(made.status).toBe(201)
    expect(Object.keys(made.body).join(' ')).toBe(
      'id sha ref status name target_url description created_at started_at finished_at allow_failure coverage pipeline_id author',
    )
    expect(made.body).toMatchObject({
      sha: side,
      ref: 'feature/x',
      status: 'running',
      name: 'ci/outside',
      target_url: 'https://ci.example/1',
      coverage: 9.5,
      author: { username: 'dev' },
    })
    const { id, pipeline_id } = made.body as { id: number; pipeline_id: number }
    const pipeline = () => server.app.store.pipelines.find(pipeline_id)
    expect([pipeline()?.source, pipeline()?.status]).toEqual(['external', 'running'])

    const done = await post(side, { state: 'success', context: 'ci/outside', description: 'well' })
    expect(done.body).toMatchObject({
      id,
      pipeline_id,
      status: 'success',
      description: 'well',
      target_url: 'https://ci.example/1',
    })
    expect(pipeline()?.status).toBe('success')

    const again = await post(side, { state: 'failed', name: 'ci/outside' })
    expect((again.body as { id: number }).id).not.toBe(id)
    expect(pipeline()?.status).toBe('failed')
    const latest = await get(`/commits/${side}/statuses`)
    expect((latest.body as { status: string }[]).map(({ status }) => status)).toEqual(['failed'])
    const all = await get(`/commits/${side}/statuses?all=true&sort=desc`)
    expect((all.body as { status: string }[]).map(({ status }) => status)).toEqual(['failed', 'success'])
  })

  it('join the newest pipeline of the commit, whose jobs no runner is given', async () => {
    const pipelineId = await server.pipeline()
    const made = await post(second, { state: 'pending', ref: 'main' })
    expect(made.body).toMatchObject({ name: 'default', pipeline_id: pipelineId, status: 'pending' })
    for (const each of server.app.store.pipelines.newest(9, 9))
      if (each.id !== pipelineId) server.app.engine.cancel(each.id)
    await server.finish('job')
    await expect(server.take('default')).rejects.toThrow('got no job')
    expect(server.app.store.pipelines.find(pipelineId)?.status).toBe('running')
    await post(second, { state: 'success', ref: 'main' })
    expect(server.app.store.pipelines.find(pipelineId)?.status).toBe('success')
    const jobs = await server.call('GET', `/pipelines/${pipelineId}/jobs`)
    expect(names(jobs.text)).toEqual(['job'])
    const both = await get(`/commits/${second}/statuses?pipeline_id=${pipelineId}`)
    expect(names(both.text)).toEqual(['job', 'default'])
    expect(
      names((await get(`/commits/${second}/statuses?stage=external&pipeline_id=${pipelineId}`)).text),
    ).toEqual(['default'])
  })

  it.each([
    [{}, 400, '{"error":"state is missing"}'],
    [{ state: 'x' }, 400, '{"error":"state does not have a valid value"}'],
    [{ state: 'success', coverage: 'much' }, 400, '{"error":"coverage is invalid"}'],
    [
      { state: 'success', target_url: 'javascript:alert(1)' },
      400,
      '{"message":{"target_url":["is blocked: Only allowed schemes are http, https"]}}',
    ],
    [
      { state: 'success', pipeline_id: 99999 },
      404,
      '{"message":"404 Pipeline for pipeline_id, sha and ref Not Found"}',
    ],
  ])('%j: %s', async (body, status, text) => {
    const answer = await post(second, body)
    expect([answer.status, answer.text]).toEqual([status, text])
  })

  it('of an unknown commit, or of one that no branch has', async () => {
    expect((await post('0'.repeat(40), { state: 'success' })).text).toBe('{"message":"404 Commit Not Found"}')
    const lost = server.repository.git('commit-tree', `${first}^{tree}`, '-m', 'lost')
    expect((await post(lost, { state: 'success' })).text).toBe(
      '{"message":"404 References for commit Not Found"}',
    )
  })

  it('an impossible change of state', async () => {
    await post(first, { state: 'running', name: 'twice', ref: 'main' })
    const again = await post(first, { state: 'running', name: 'twice', ref: 'main' })
    expect([again.status, again.text]).toEqual([
      400,
      `{"message":"Cannot transition status via :run from :running (Reason(s): Status cannot transition via \\"run\\")"}`,
    ])
  })
})
