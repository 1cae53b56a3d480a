import { createHttpApp, listen } from '../src/http/server.ts'
import type { Project } from '../src/model/project.ts'
import { createEngine } from '../src/pipeline/create-engine.ts'
import { DEFAULT_LIMITS } from '../src/model/limits.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { GitRepository } from '../src/platform/git.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { figure, percentile, type Figure } from './measure.ts'

const PIPELINES = 100_000
const REQUESTS = 200
const TOKEN = 'glpat-AccessTokenOfRoot'
const AIM_MS = 20

/** `GET /projects/:id/pipelines` over HTTP, with 100,000 pipelines of 51 branches in the database. */
export async function pipelines(folder: string): Promise<Figure[]> {
  const store = openStore(folder, { powerSafe: false })
  fill(store)
  const { app, stop } = createHttpApp({
    store,
    engine: engineOver(store),
    projects: {
      find: () => PROJECT,
      all: () => [PROJECT],
      repository: () => REPOSITORY,
      refresh: () => Promise.resolve(),
    },
    clock: systemClock,
    externalUrl: () => 'http://127.0.0.1',
    version: '18.5.0',
    log: () => {},
    hosts: [],
  })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  if (!listening.ok) throw listening.error
  const { server, port } = listening.value
  const figures: Figure[] = []
  for (const query of [
    '',
    '?per_page=100',
    '?page=4000',
    '?status=failed',
    '?ref=main',
    '?scope=branches',
    '?source=api',
  ]) {
    const url = `http://127.0.0.1:${port}/api/v4/projects/9/pipelines${query}`
    const times: number[] = []
    for (let count = 0; count < REQUESTS; count++) {
      const start = performance.now()
      await (await fetch(url, { headers: { 'PRIVATE-TOKEN': TOKEN } })).text()
      times.push(performance.now() - start)
    }
    figures.push(
      figure(
        `list of 100,000 pipelines ${query}, p99`.replace(' ,', ','),
        percentile(times, 99),
        'ms',
        AIM_MS,
      ),
    )
  }
  stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  store.close()
  return figures
}

const PROJECT: Project = {
  id: 9,
  name: 'group/app',
  path: '/nowhere',
  repository: '/nowhere',
  defaultBranch: 'main',
  variables: [],
  configPath: '.gitlab-ci.yml',
  createdAt: 0,
}

const BRANCHES = ['main', ...Array.from({ length: 50 }, (_, index) => `branch-${index}`)]

const absent = (): never => {
  throw new Error('not part of this figure')
}

const REPOSITORY: GitRepository = {
  gitDir: '/nowhere',
  resolveRef: absent,
  resolveRevision: absent,
  readFile: absent,
  commit: absent,
  refs: () => Promise.resolve(BRANCHES.map((name) => ({ name, tag: false, sha: '0'.repeat(40) }))),
  treePaths: absent,
  changedPaths: absent,
  close: () => {},
}

function engineOver(store: Store) {
  return createEngine({
    store,
    clock: systemClock,
    processId: 1,
    projects: {
      find: () => PROJECT,
      named: () => PROJECT,
      refresh: () => Promise.resolve(),
      repository: () => REPOSITORY,
    },
    mirrors: { path: () => '/nowhere', prepare: absent },
    server: () => ({ url: 'http://127.0.0.1', version: '18.5.0' }),
    limits: DEFAULT_LIMITS,
    jobTimeout: 3600,
    notice: () => {},
  })
}

function fill(store: Store): void {
  store.write('normal', () => {
    store.processes.add({ kind: 'serve', pid: 1, pidStart: '1', bootId: 'boot' }, 0)
    const userId = store.users.put({ username: 'root', name: 'Root', email: 'root@example.test' })
    store.projects.put({ id: 9, name: PROJECT.name, path: PROJECT.path, defaultBranch: 'main' }, 0)
    store.accessTokens.add({ userId, name: 'bench', token: TOKEN, scopes: ['api'] }, 0)
    const statuses = ['success', 'success', 'failed', 'canceled'] as const
    for (let index = 0; index < PIPELINES; index++) {
      const createdAt = 1.7e12 + index * 1000
      store.pipelines.add({
        projectId: 9,
        iid: index + 1,
        owner: 1,
        ref: (index % 3 === 0 ? 'main' : BRANCHES[index % BRANCHES.length]) ?? 'main',
        tag: false,
        sha: String(index % 5000).padStart(40, '0'),
        snapshotSha: null,
        beforeSha: '0'.repeat(40),
        source: index % 2 === 0 ? 'push' : 'trigger',
        sourceKey: null,
        status: statuses[index % statuses.length] ?? 'success',
        name: null,
        configError: null,
        configSha256: null,
        onJobFailure: 'none',
        onNewCommit: 'conservative',
        parentJobId: null,
        scheduleId: null,
        childConfig: null,
        userId,
        triggerId: null,
        createdAt,
        finishedAt: createdAt + 500,
      })
    }
  })
}
