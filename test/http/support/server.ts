import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Commit } from '../../../src/model/commit.ts'
import type { HttpLimits } from '../../../src/model/limits.ts'
import type { Project } from '../../../src/model/project.ts'
import type { GitRepository } from '../../../src/platform/git.ts'
import type { LogRecord, ServerOptions } from '../../../src/http/options.ts'
import { createHttpApp, listen } from '../../../src/http/server.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { fakeEngine, type FakeEngine } from './engine.ts'
import { send, type Received, type Sent } from './request.ts'
import { CREATED_AT, SHA } from './rows.ts'

export const ACCESS_TOKEN = 'glpat-AccessTokenOfRoot'
export const READ_TOKEN = 'glpat-MayOnlyReadThings'
export const DEVELOPER_TOKEN = 'glpat-TokenOfDeveloper'
export const MAINTAINER_TOKEN = 'glpat-TokenOfMaintainer'
export const OUTSIDER_TOKEN = 'glpat-TokenOfAnOutsider'
export const TRIGGER_TOKEN = 'glptt-TOKENofTheSeedDocument'
export const FOREIGN_TRIGGER_TOKEN = 'glptt-FORE1gnTokenOfProject10'
export const LEGACY_TRIGGER_TOKEN = '0123456789abcdef0123456789abcd'

export const COMMIT: Commit = {
  sha: SHA,
  parents: ['6104942438c14ec7bd21c6cd5bd995272b3faff6'],
  message: 'Add the upload\n\nof packages\n',
  authorName: 'Ann',
  authorEmail: 'ann@example.com',
  authoredAt: '2016-12-24T16:51:14+01:00',
  committerName: 'Bob',
  committerEmail: 'bob@example.com',
  committedAt: '2016-12-24T15:51:15+00:00',
}

export interface TestServer {
  readonly port: number
  readonly url: string
  readonly store: Store
  readonly engine: FakeEngine
  readonly logged: LogRecord[]
  /** `timers` are those that wait, to be run by the test. */
  readonly clock: { time: number; readonly timers: { readonly ms: number; readonly run: () => void }[] }
  readonly refreshed: number[]
  /** Ids of the rows in `store.triggers`. */
  readonly triggers: { readonly seed: number; readonly foreign: number; readonly legacy: number }
  readonly developer: number
  readonly maintainer: number
  loginLink(): string
  send(path: string, sent?: Sent): Promise<Received>
  /** With the owner's access token, below `/api/v4`. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Received>
  close(): Promise<void>
}

/** The real server on a free port, with a real store in a folder of its own and an engine that only keeps what it is asked. */
export async function startServer(
  more: {
    readonly hosts?: readonly string[]
    readonly repository?: Partial<GitRepository>
    readonly limits?: Partial<HttpLimits>
    /** Of project 10. */
    readonly jobTokenAllowlist?: readonly string[]
    /** 0.0.0.0 answers beyond loopback, too. */
    readonly host?: string
    readonly peerProcess?: ServerOptions['peerProcess']
  } = {},
): Promise<TestServer> {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-http-'))
  const store = openStore(stateDir, { powerSafe: false })
  const clock: TestServer['clock'] = { time: CREATED_AT, timers: [] }
  const { developer, maintainer, triggers } = fill(store)
  const engine = fakeEngine(store, { now: () => clock.time })
  const logged: LogRecord[] = []
  const refreshed: number[] = []
  const { jobTokenAllowlist } = more
  const projects = [
    project(9, 'fixtures/upload-to-s3'),
    { ...project(10, 'group/app'), ...(jobTokenAllowlist ? { jobTokenAllowlist } : {}) },
  ]
  let port = 0
  const { app, loginLink } = createHttpApp({
    store,
    engine,
    projects: {
      find: (ref) =>
        projects.find((it) =>
          /^\d+$/.test(ref) ? it.id === Number(ref) : ref.includes('/') && it.name === ref,
        ),
      all: () => projects,
      repository: () => ({ ...repository, ...more.repository }),
      refresh: (it) => Promise.resolve(void refreshed.push(it.id)),
    },
    clock: {
      now: () => clock.time,
      monotonic: () => 0,
      after(ms, run) {
        const timer = { ms, run }
        clock.timers.push(timer)
        return () => {
          const at = clock.timers.indexOf(timer)
          if (at !== -1) clock.timers.splice(at, 1)
        }
      },
    },
    externalUrl: () => `http://127.0.0.1:${port}`,
    version: '18.5.0',
    log: (record) => void logged.push(record),
    hosts: more.hosts ?? [],
    ...(more.limits ? { limits: more.limits } : {}),
    ...(more.peerProcess ? { peerProcess: more.peerProcess } : {}),
  })
  const listening = await listen(app, { host: more.host ?? '127.0.0.1', port: 0 }, more.limits)
  if (!listening.ok) throw listening.error
  port = listening.value.port
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    store,
    engine,
    logged,
    clock,
    refreshed,
    triggers,
    developer,
    maintainer,
    loginLink,
    send: (path, sent) => send(port, path, sent),
    get: (path, headers = {}) =>
      send(port, `/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': ACCESS_TOKEN, ...headers } }),
    async close() {
      listening.value.server.closeAllConnections()
      await new Promise((resolve) => listening.value.server.close(resolve))
      store.close()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

function fill(store: Store) {
  return store.write('normal', () => {
    store.processes.add({ kind: 'serve', pid: 1, pidStart: '1', bootId: 'boot' }, 0)
    const root = store.users.put({ username: 'root', name: 'Administrator', email: 'root@example.com' })
    const developer = store.users.put({ username: 'dev', name: 'Developer', email: 'dev@example.com' })
    const outsider = store.users.put({ username: 'out', name: 'Outsider', email: 'out@example.com' })
    store.projects.put(
      { id: 9, name: 'fixtures/upload-to-s3', path: '/srv/a', defaultBranch: 'main' },
      CREATED_AT,
    )
    store.projects.put({ id: 10, name: 'group/app', path: '/srv/b', defaultBranch: 'main' }, CREATED_AT)
    const maintainer = store.users.put({ username: 'max', name: 'Maintainer', email: 'max@example.com' })
    store.users.setMembers(9, [
      { userId: developer, role: 'developer' },
      { userId: maintainer, role: 'maintainer' },
    ])
    const token = (userId: number, text: string, scope: string): number =>
      store.accessTokens.add({ userId, name: 'test', token: text, scopes: [scope] }, 0)
    token(root, ACCESS_TOKEN, 'api')
    token(root, READ_TOKEN, 'read_api')
    token(developer, DEVELOPER_TOKEN, 'api')
    token(outsider, OUTSIDER_TOKEN, 'api')
    token(maintainer, MAINTAINER_TOKEN, 'api')
    const trigger = (projectId: number, ownerId: number | null, description: string, text: string): number =>
      store.triggers.add({ projectId, ownerId, description, token: text }, CREATED_AT)
    return {
      developer,
      maintainer,
      triggers: {
        seed: trigger(9, root, 'seed document', TRIGGER_TOKEN),
        foreign: trigger(10, root, 'of the other', FOREIGN_TRIGGER_TOKEN),
        legacy: trigger(9, null, 'old', LEGACY_TRIGGER_TOKEN),
      },
    }
  })
}

function project(id: number, name: string): Project {
  return {
    id,
    name,
    path: `/srv/${name}`,
    repository: `/srv/${name}/.git`,
    defaultBranch: 'main',
    variables: [],
    configPath: '.gitlab-ci.yml',
    createdAt: CREATED_AT,
  }
}

const repository: GitRepository = {
  gitDir: '/srv/.git',
  resolveRef: (name) =>
    Promise.resolve(name === 'main' ? { name, tag: false, sha: SHA, tagMessage: null } : 'not_found'),
  resolveRevision: () => Promise.resolve(undefined),
  readFile: () => Promise.resolve(undefined),
  commit: (sha) => Promise.resolve(sha === SHA ? COMMIT : undefined),
  refs: () =>
    Promise.resolve([
      { name: 'main', tag: false, sha: SHA },
      { name: 'v1.0', tag: true, sha: SHA },
    ]),
  treePaths: () => Promise.resolve([]),
  changedPaths: () => Promise.resolve([]),
  close: () => {},
}
