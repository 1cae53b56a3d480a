import { afterAll, beforeAll, expect, it } from 'vitest'
import { MOST_UPSTREAMS, upstreamChain } from '../../src/pipeline/upstream-chain.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { addJob, addPipeline, CREATED_AT } from '../http/support/rows.ts'
import { temporaryFolder } from '../support/git.ts'

let store: Store
const [A, B, C] = [1, 2, 3]

beforeAll(() => {
  store = openStore(temporaryFolder(), { powerSafe: false })
  store.processes.add({ kind: 'serve', pid: 1, pidStart: '1', bootId: 'boot' }, 0)
  store.users.put({ username: 'root', name: 'Administrator', email: 'root@example.com' })
  for (const [id, name] of [
    [A, 'g/a'],
    [B, 'g/b'],
    [C, 'g/c'],
  ] as const)
    store.projects.put({ id, name, path: `/srv/${name}`, defaultBranch: 'main' }, CREATED_AT)
})
afterAll(() => store.close())

function triggered(projectId: number, senderJobId: number | null): number {
  const pipelineId = addPipeline(store, { projectId })
  store.triggerRequests.add(
    {
      projectRef: String(projectId),
      projectId,
      triggerId: null,
      form: 'multipart',
      remoteAddress: '127.0.0.1',
      userAgent: 'curl',
      ref: 'main',
      receivedAt: CREATED_AT,
      variableKeys: [],
      senderJobId,
    },
    { pipelineId, status: 201, reason: null, ms: 1 },
  )
  return pipelineId
}

function chainOf(id: number, mayRead: (projectId: number) => boolean = () => true): string[] {
  const pipeline = store.pipelines.find(id)
  if (!pipeline) throw new Error('no pipeline')
  return upstreamChain(store, pipeline, mayRead, () => null).map(
    ({ via, job, project, pipeline: { source, ref } }) =>
      `${via} ${job.name} ${project.path_with_namespace} ${source} ${ref}`,
  )
}

it('goes up to what no job started, and no further than may be read', () => {
  const first = addPipeline(store, { projectId: A, source: 'push', ref: 'v1.0', tag: true })
  const build = addJob(store, { pipelineId: first, projectId: A, name: 'build_docs' })
  const second = triggered(B, build)
  const call = addJob(store, { pipelineId: second, projectId: B, name: 'call' })
  const third = addPipeline(store, { projectId: C, source: 'pipeline', parentJobId: call })

  const byToken = 'trigger_token build_docs g/a push v1.0'
  const byJobToken = 'job_token call g/b trigger main'
  expect(chainOf(third)).toEqual([byJobToken, byToken])
  expect(chainOf(second)).toEqual([byToken])
  expect(chainOf(first)).toEqual([])
  expect(chainOf(third, (id) => id !== A)).toEqual([byJobToken])
  expect(chainOf(third, (id) => id !== B)).toEqual([])
})

it('ends at a job that is no longer there', () => {
  expect(chainOf(triggered(B, 987_654))).toEqual([])
  expect(chainOf(triggered(B, null))).toEqual([])
})

it('has an end where jobs start their own project again', () => {
  let id = triggered(C, null)
  for (let round = 0; round < MOST_UPSTREAMS + 5; round++)
    id = triggered(C, addJob(store, { pipelineId: id, projectId: C, name: 'again' }))
  expect(chainOf(id)).toHaveLength(MOST_UPSTREAMS)
})
