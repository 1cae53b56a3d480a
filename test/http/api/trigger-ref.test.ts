import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refusal } from '../support/engine.ts'
import { form, jsonBody, type Sent } from '../support/request.ts'
import { addPipeline, SHA } from '../support/rows.ts'
import { startServer, TRIGGER_TOKEN as T, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.engine.commands.length = 0
})

/** The engine's side of a repository with the branches and tags named here. */
function resolve(pipelineId: number): void {
  const branches = ['main', 'feature/x', 'release-1.0', 'both', '-x', 'a b', 'ü']
  const tags = ['v1.0', 'both']
  server.engine.answer = ({ checkout: { ref } }) => {
    const [, kind, short = ref] = /^refs\/(heads|tags)\/(.*)$/.exec(ref) ?? []
    const found = [kind !== 'tags' && branches.includes(short), kind !== 'heads' && tags.includes(short)]
    if (found[0] && found[1]) return refusal('reference_ambiguous', 'Ref is ambiguous')
    return found.includes(true)
      ? { kind: 'created', pipelineId, warnings: [], sources: new Map() }
      : refusal('reference_not_found', 'Reference not found')
  }
}

const NOT_FOUND = '{"message":{"base":["Reference not found"]}}'
const AMBIGUOUS = '{"message":{"base":["Ref is ambiguous"]}}'

describe('a ref in the body', () => {
  it.each([
    ['branch', 'main', ''],
    ['tag', 'v1.0', ''],
    ['slash', 'feature/x', ''],
    ['dot', 'release-1.0', ''],
    ['full branch', 'refs/heads/main', ''],
    ['full tag', 'refs/tags/v1.0', ''],
    ['branch of the same name as a tag', 'both', AMBIGUOUS],
    ['that branch in full', 'refs/heads/both', ''],
    ['that tag in full', 'refs/tags/both', ''],
    ['what looks like an option', '-x', ''],
    ['space', 'a b', ''],
    ['not ASCII', 'ü', ''],
    ['unknown', 'mian', NOT_FOUND],
    ['a commit', SHA, NOT_FOUND],
    ['HEAD', 'HEAD', NOT_FOUND],
    ['a tag as branch', 'refs/heads/v1.0', NOT_FOUND],
    ['empty', '', '{"error":"ref is empty"}'],
  ])('%s', async (_what, ref, refused) => {
    const id = addPipeline(server.store)
    resolve(id)
    const received = await server.send('/api/v4/projects/9/trigger/pipeline', form({ token: T, ref }))
    const expected = refused === '' ? [201, `{"id":${id},`] : [400, refused]
    expect([received.status, received.text.slice(0, String(expected[1]).length)]).toEqual(expected)
    expect(server.engine.commands.map((command) => command.checkout)).toEqual(
      ref === '' ? [] : [{ kind: 'ref', ref }],
    )
  })
})

describe('a ref in the path', () => {
  it.each([
    ['main', 'main'],
    ['feature%2Fx', 'feature/x'],
    ['feature/x', 'feature/x'],
    ['a/b%2Fc/d', 'a/b/c/d'],
    ['release-1.0', 'release-1.0'],
    ['v1.0', 'v1.0'],
    ['refs/heads/main', 'refs/heads/main'],
    ['refs%2Fheads%2Fmain', 'refs/heads/main'],
    ['a%20b', 'a b'],
    ['a+b', 'a+b'],
    ['%C3%BC', 'ü'],
    ['-x', '-x'],
    ['trigger/pipeline', 'trigger/pipeline'],
    ['x/ref/y', 'x/ref/y'],
  ])('%s', async (written, ref) => {
    server.engine.answer = undefined
    const received = await server.send(`/api/v4/projects/9/ref/${written}/trigger/pipeline?token=${T}`, {
      method: 'POST',
    })
    expect(received.status).toBe(201)
    expect(server.engine.commands[0]?.checkout).toEqual({ kind: 'ref', ref })
  })

  it.each<[string, string, Sent, string]>([
    ['beats body and query', '/ref/path', jsonBody({ ref: 'body' }), 'path'],
    ['is beaten by nothing; without it the body beats the query', '', jsonBody({ ref: 'body' }), 'body'],
    ['without both it is the query', '', jsonBody({}), 'query'],
  ])('%s', async (_what, route, sent, ref) => {
    server.engine.answer = undefined
    await server.send(`/api/v4/projects/9${route}/trigger/pipeline?token=${T}&ref=query`, {
      method: 'POST',
      ...sent,
    })
    expect(server.engine.commands[0]?.checkout).toEqual({ kind: 'ref', ref })
  })
})
