import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Role } from '../../src/model/user.ts'
import { keepAlive, type KeepAlive } from './support/keep-alive.ts'
import { jsonBody, type Sent } from './support/request.ts'
import {
  DEVELOPER_TOKEN,
  MAINTAINER_TOKEN,
  OUTSIDER_TOKEN,
  startServer,
  type TestServer,
} from './support/server.ts'

// Members of every role at the routes that give rights: nobody rises above their role, learns of a project that is not theirs, or
// reaches another's token.

const SEED = 20161104
const REQUESTS = 800
const OWNER_TOKEN = 'glpat-TokenOfAnOwnerOf9'

let server: TestServer
let client: KeepAlive
beforeEach(async () => {
  server = await startServer()
  server.store.write('normal', () => {
    const { users, accessTokens } = server.store
    const join = (username: string, role: Role): number => {
      const id = users.put({ username, name: username, email: `${username}@example.com` })
      users.grant(9, id, role)
      return id
    }
    accessTokens.add({ userId: join('own', 'owner'), name: 'test', token: OWNER_TOKEN, scopes: ['api'] }, 0)
    join('dora', 'developer')
    join('mia', 'maintainer')
    join('olga', 'owner')
  })
  client = keepAlive(server.port, 4)
})
afterEach(async () => {
  client.close()
  await server.close()
})

const HIDDEN = ['group/app', 'of the other', '"project_id":10']

/** Method and path of the routes of users, roles and tokens; a test keeps the page in step with the router. */
const ROUTES = [
  ...readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8').matchAll(
    /^\| ([A-Z]+) \| `(\/[^`]*)` \|$/gm,
  ),
].flatMap(([, method = '', path = '']) =>
  /user|members|personal_access_tokens|triggers|^\/projects(\/:id)?$/.test(path) ? [{ method, path }] : [],
)

const userId = fc.integer({ min: -1, max: 9 })
const asked = fc.record({
  route: fc.constantFrom(...ROUTES),
  project: fc.constantFrom('9', '9', '10', 'group%2Fapp'),
  user: userId,
  token: fc.integer({ min: 1, max: 8 }),
  trigger: fc.integer({ min: 1, max: 3 }),
  body: fc.record(
    {
      user_id: userId,
      access_level: fc.constantFrom(10, 30, 40, 50, 60),
      sudo: fc.constantFrom('root', 1, 'own'),
      name: fc.constant('n'),
      username: fc.constant('new'),
      scopes: fc.constantFrom(['api'], ['sudo', 'api']),
      description: fc.constant('d'),
      owner_id: userId,
      admin: fc.constant(true),
      project_id: fc.constant(10),
    },
    { requiredKeys: [] },
  ),
})

/** Nobody ends their own token by chance: the rest would be answered 401. */
function requestsOf(token: string, own: number): { readonly path: string; readonly sent: Sent }[] {
  return fc.sample(asked, { numRuns: REQUESTS, seed: SEED }).map(({ route, body, ...ids }) => {
    const values: Readonly<Record<string, string>> = {
      id: ids.project,
      user_id: String(ids.user),
      token_id: String(ids.token === own ? 1 : ids.token),
      trigger_id: String(ids.trigger),
    }
    const path = `/api/v4${route.path.replaceAll(/:(\w+)/g, (_, name: string) => values[name] ?? '1')}`
    const sent = route.method === 'GET' ? {} : jsonBody(body)
    return {
      path,
      sent: { ...sent, method: route.method, headers: { ...sent.headers, 'PRIVATE-TOKEN': token } },
    }
  })
}

function state() {
  const { users, accessTokens } = server.store
  const { tokens } = accessTokens.page(null, { limit: 100_000, offset: 0 })
  return {
    members: users.membersOf(9).map(({ userId: id, role }) => `${id} ${role}`),
    hiddenMembers: users.membersOf(10),
    users: users.all().map(({ username, blocked }) => [username, blocked]),
    tokens: (of: (id: number) => boolean) => tokens.filter((each) => of(each.userId)),
  }
}

// Whose roles they cannot change.
const all = (): boolean => true
const owners = (member: string): boolean => member.endsWith('owner')
const none = (): boolean => false

describe.each([
  ['an outsider', OUTSIDER_TOKEN, 'out', all],
  ['a developer', DEVELOPER_TOKEN, 'dev', all],
  ['a maintainer', MAINTAINER_TOKEN, 'max', owners],
  ['an owner', OWNER_TOKEN, 'own', none],
])('%s', (_who, token, username, beyond) => {
  it('stays what they are', { timeout: 120_000 }, async () => {
    const { store } = server
    const self = store.users.findByName(username)?.id ?? 0
    const own = store.accessTokens.findByToken(token)?.id ?? 0
    const before = state()
    const wrong: unknown[] = []
    const statuses = new Set<number>()
    await client.sendAll(requestsOf(token, own), ({ status, text }, { path, sent }) => {
      statuses.add(status)
      const hidden = /\/projects\/(10|group)/.test(path) && ![400, 403, 404].includes(status)
      const leaks = HIDDEN.some((secret) => text.includes(secret))
      if (status >= 500 || hidden || leaks)
        wrong.push([sent.method, path, sent.body, status, text.slice(0, 200)])
    })
    expect(wrong.slice(0, 3)).toEqual([])
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 403, 404]))

    const after = state()
    expect([after.users, after.hiddenMembers]).toEqual([before.users, before.hiddenMembers])
    const others = (id: number): boolean => id !== self
    expect(after.tokens(others)).toEqual(before.tokens(others))
    expect(after.members.filter(beyond)).toEqual(before.members.filter(beyond))
  })
})
