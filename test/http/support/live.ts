import { afterAll } from 'vitest'
import { createApp, openState, type App } from '../../../src/app.ts'
import { serveHttp } from '../../../src/app/serve-http.ts'
import { COMPILER_HERE } from '../../../src/compile/compiler.ts'
import type { LogRecord } from '../../../src/http/options.ts'
import type { JobPayload } from '../../../src/model/payload.ts'
import type { ProjectVariable } from '../../../src/model/variable.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { makeRepository, temporaryFolder, type Files, type TestRepository } from '../../support/git.ts'
import { send, type Received, type Sent } from './request.ts'

export const OWNER = 'glpat-AccessTokenOfRoot'
export const MAINTAINER = 'glpat-TokenOfMaintainer'
export const DEVELOPER = 'glpat-TokenOfDeveloper'
export const OUTSIDER = 'glpat-TokenOfAnOutsider'

/** Everything but a runner: real git, rows, engine and server. The test takes the jobs itself. */
export interface LiveServer {
  readonly app: App
  readonly url: string
  readonly port: number
  readonly repository: TestRepository
  /** What the server has written into its log. */
  readonly logged: readonly LogRecord[]
  /** Below `/api/v4/projects/9`, as the owner unless another token is given. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answered>
  send(path: string, sent?: Sent): Promise<Received>
  /** Takes the next job, which must be this one. */
  take(name: string): Promise<JobPayload>
  /** Takes the next job and ends it, having written this log. */
  finish(name: string, log?: string, exitCode?: number): Promise<JobPayload>
  /** Creates a pipeline of the main branch and waits until its first jobs may run. */
  pipeline(body?: Readonly<Record<string, unknown>>): Promise<number>
}

export interface Answered extends Received {
  /** The body as JSON. */
  readonly body: never
}

const PUPPET = { name: 'puppet', tags: [], runUntagged: true }

/** A project 9, `group/app`, with these files on `main`; closed when the test file has ended. */
export async function liveServer(
  files: Files,
  variables: readonly ProjectVariable[] = [],
  stateDir = temporaryFolder(),
): Promise<LiveServer> {
  const repository = makeRepository({ files })
  const store = openState(stateDir, 'serve')
  if (!store.ok) throw new Error(JSON.stringify(store.error))
  const opened = createApp({
    kind: 'serve',
    store: store.value,
    projects: [
      {
        project: {
          id: 9,
          name: 'group/app',
          path: repository.root,
          repository: repository.gitDir,
          defaultBranch: 'main',
          variables,
          configPath: '.gitlab-ci.yml',
        },
        objects: { kind: 'mirrored', mirror: `${stateDir}/mirrors/9.git` },
        members: new Map([
          ['max', 'maintainer'],
          ['dev', 'developer'],
        ]),
        triggers: [],
        refresh: () => Promise.resolve(),
      },
    ],
    users: ['max', 'dev', 'out'].map((username) => ({
      username,
      name: username,
      email: `${username}@example.test`,
    })),
    localUser: { name: 'Root', email: 'root@example.test' },
    clock: systemClock,
    version: '0.0.0',
    serverUrl: 'http://127.0.0.1',
    notice: () => {},
  })
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  const app = opened.value
  addTokens(app)
  const logged: LogRecord[] = []
  const served = await serveHttp(app, {
    host: '127.0.0.1',
    port: 0,
    externalUrl: null,
    compiler: COMPILER_HERE,
    clock: systemClock,
    log: (record) => void logged.push(record),
  })
  if (!served.ok) throw served.error
  const { url } = served.value
  const port = Number(new URL(url).port)
  afterAll(async () => {
    served.value.stop()
    await app.close()
  })

  const call: LiveServer['call'] = async (method, path, body, token = OWNER) => {
    const received = await send(port, `/api/v4/projects/9${path}`, {
      method,
      headers: {
        'PRIVATE-TOKEN': token,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return {
      ...received,
      get body(): never {
        return JSON.parse(received.text) as never
      },
    }
  }

  const take: LiveServer['take'] = async (name) => {
    const payload = await app.engine.coordinator.requestJob(PUPPET)
    if (payload?.job_info.name !== name)
      throw new Error(`expected ${name}, got ${payload?.job_info.name ?? 'no job'}`)
    return payload
  }

  return {
    app,
    url,
    port,
    repository,
    logged,
    call,
    take,
    send: (path, sent) => send(port, path, sent),
    async finish(name, log = '', exitCode = 0) {
      const payload = await take(name)
      const trace = await app.engine.coordinator.openTrace(payload.token)
      await trace.write(Buffer.from(log))
      await trace.close()
      await app.engine.coordinator.updateJob(
        payload.token,
        exitCode === 0 ? { state: 'success' } : { state: 'failed', reason: 'script_failure', exitCode },
      )
      return payload
    },
    async pipeline(body = {}) {
      const moved = new Promise<void>((resolve) => {
        const stop = app.engine.events.on((event) => {
          if (event.type !== 'job') return
          stop()
          setImmediate(resolve)
        })
      })
      const made = await call('POST', '/pipeline', { ref: 'main', ...body })
      if (made.status !== 201) throw new Error(made.text)
      await moved
      return (made.body as { id: number }).id
    },
  }
}

function addTokens({ store }: App): void {
  const now = Date.now()
  store.write('normal', () => {
    for (const [username, token] of [
      ['root', OWNER],
      ['max', MAINTAINER],
      ['dev', DEVELOPER],
      ['out', OUTSIDER],
    ] as const) {
      const userId = store.users.findByName(username)?.id ?? 0
      store.accessTokens.add({ userId, name: 'test', token, scopes: ['api'] }, now)
    }
  })
}
