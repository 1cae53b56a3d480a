// Which job sent a request with a trigger's token: asked of the kernel, for provenance only.
import { afterEach, beforeAll, afterAll, beforeEach, expect, it } from 'vitest'
import { noteJobProcesses } from '../../../src/platform/job-processes.ts'
import type { Connection } from '../../../src/platform/tcp-table.ts'
import { ownIdentity } from '../../../src/platform/process-identity.ts'
import { logIn, textOf } from '../support/browser.ts'
import { keepAlive } from '../support/keep-alive.ts'
import { form } from '../support/request.ts'
import { addJob, addPipeline, CREATED_AT, runJob } from '../support/rows.ts'
import {
  ACCESS_TOKEN,
  MAINTAINER_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from '../support/server.ts'

const PID = 4_999_999

let server: TestServer
const asked: { readonly connection: Connection; readonly leaders: readonly number[] }[] = []
let answer: (leaders: readonly number[]) => Promise<number | undefined>
let forget: () => void
let job: number
let above: number

beforeAll(async () => {
  server = await startServer({
    peerProcess: (connection, leaders) => {
      asked.push({ connection, leaders })
      return answer(leaders)
    },
  })
  above = addPipeline(server.store, { projectId: 10, ref: 'v1.0', tag: true, source: 'push' })
  job = addJob(server.store, { pipelineId: above, projectId: 10, name: 'build_docs', stage: 'deploy' })
})
afterAll(() => server.close())
beforeEach(() => {
  asked.length = 0
  answer = () => Promise.resolve(PID)
  forget = noteJobProcesses(job, [PID])
})
afterEach(() => forget())

const PATH = '/api/v4/projects/9/trigger/pipeline'
const HOOK = `/api/v4/projects/9/ref/main/trigger/pipeline?token=${TRIGGER_TOKEN}`
const HOOK_BODY = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }
const FORM = form({ token: TRIGGER_TOKEN, ref: 'main' })

async function upstreamAfter(path = PATH, sent = FORM, headers = {}): Promise<unknown> {
  const received = await server.send(path, sent)
  expect(received.status).toBe(201)
  const { id } = JSON.parse(received.text) as { id: number }
  const provenance = await server.get(`/projects/9/pipelines/${id}/provenance`, headers)
  return (JSON.parse(provenance.text) as { upstream?: unknown }).upstream
}

it.each([
  ['trigger/pipeline', PATH, FORM],
  ['ref/:ref/trigger/pipeline', HOOK, HOOK_BODY],
])('is in the provenance: %s', async (_route, path, sent) => {
  expect(await upstreamAfter(path, sent)).toEqual([
    {
      via: 'trigger_token',
      job: { id: job, name: 'build_docs', stage: 'deploy' },
      pipeline: {
        id: above,
        iid: 1,
        source: 'push',
        ref: 'v1.0',
        tag: true,
        sha: '384c444e840a515b23f21915ee5766b87068a70d',
        trigger: null,
      },
      project: { id: 10, path_with_namespace: 'group/app' },
    },
  ])
  expect(asked).toEqual([
    {
      connection: {
        local: { address: '127.0.0.1', port: server.port },
        remote: { address: '127.0.0.1', port: expect.any(Number) as number },
      },
      leaders: [PID],
    },
  ])
})

it('is not told to who may not read its project', async () => {
  expect(await upstreamAfter(PATH, FORM, { 'PRIVATE-TOKEN': MAINTAINER_TOKEN })).toBeUndefined()
})

it('is not asked for when no job runs', async () => {
  forget()
  expect(await upstreamAfter()).toBeUndefined()
  expect(asked).toEqual([])
})

it('is unknown when the sender is no job', async () => {
  answer = () => Promise.resolve(undefined)
  expect(await upstreamAfter()).toBeUndefined()
})

it('does not fail the request when it cannot be found', async () => {
  answer = () => Promise.reject(new Error('EMFILE'))
  expect(await upstreamAfter()).toBeUndefined()
  expect(server.logged).toContainEqual({
    level: 'warn',
    message: 'the sender of a trigger request was not found',
    error: 'Error: EMFILE',
  })
})

it('is asked for once a connection', async () => {
  const client = keepAlive(server.port, 1)
  for (const _ of [1, 2, 3]) expect((await client.send(PATH, FORM)).status).toBe(201)
  client.close()
  expect(asked).toHaveLength(1)
})

it('is not asked for when the token is wrong', async () => {
  expect((await server.send(PATH, form({ token: 'glptt-none', ref: 'main' }))).status).toBe(404)
  expect(asked).toEqual([])
})

it('may be a job of another process on the same state folder', async () => {
  forget()
  const other = addJob(server.store, { pipelineId: above, projectId: 10, name: 'elsewhere' })
  const times = { queued: CREATED_AT, started: CREATED_AT }
  runJob(server.store, other, 'running', times)
  const { pid, pidStart, bootId } = ownIdentity()
  server.store.jobs.recordProcess(other, { isolation: 'shell', pid, pidStart, bootId })
  const ended = addJob(server.store, { pipelineId: above, projectId: 10, name: 'ended' })
  runJob(server.store, ended, 'running', times)
  server.store.jobs.recordProcess(ended, { isolation: 'shell', pid: 1, pidStart: '0', bootId })
  answer = ([first]) => Promise.resolve(first)
  expect(await upstreamAfter()).toMatchObject([{ job: { id: other, name: 'elsewhere' } }])
  expect(asked[0]?.leaders).toEqual([pid])
  server.store.jobs.setStatus({ id: other, from: 'running', to: 'success', now: CREATED_AT })
})

it('stands on the page, with links, for those who may read its project', async () => {
  const { id } = JSON.parse((await server.send(PATH, FORM)).text) as { id: number }
  const page = `/fixtures/upload-to-s3/-/pipelines/${id}`
  const owner = (await (await logIn(server.send, ACCESS_TOKEN)).get(page)).text
  expect(owner).toContain(`<a href="/group/app/-/jobs/${job}">build_docs</a>`)
  expect(owner).toContain(`<a href="/group/app/-/pipelines/${above}">group/app #${above}</a>`)
  expect(textOf(owner)).toContain(
    `Started by job build_docs of group/app #${above} , tag v1.0 (push), by trigger token`,
  )
  expect(textOf(owner)).toContain(
    `Triggered by "seed document" (TOKE) in job build_docs of group/app, pipeline #${above}, tag v1.0, from 127.0.0.1,`,
  )
  const maintainer = (await (await logIn(server.send, MAINTAINER_TOKEN)).get(page)).text
  expect(textOf(maintainer)).toContain('Triggered by "seed document" (TOKE) from 127.0.0.1,')
  expect(maintainer).not.toMatch(/build_docs|group\/app/)
})
