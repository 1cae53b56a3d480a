// The two servers that bench/api.ts compares, each a process of its own: `node api-servers.mjs WHICH FOLDER`.
// They write their port to stdout, and their resident memory in bytes whenever a line comes in.
import express from 'express'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createApp, openState } from '../src/app.ts'
import { serveHttp } from '../src/app/serve-http.ts'
import { COMPILER_HERE } from '../src/compile/compiler.ts'
import { DEFAULT_LIMITS } from '../src/model/limits.ts'
import { systemClock } from '../src/platform/clock.ts'
import { openDatabase, makeWriter } from '../src/store/database.ts'

/** Sluice with everything but a runner: pipelines wait. */
async function sluice(folder: string): Promise<number> {
  const repository = join(folder, 'repository')
  const stateDir = join(folder, 'state')
  const store = openState(stateDir, 'serve')
  if (!store.ok) throw new Error(JSON.stringify(store.error))
  const app = createApp({
    kind: 'serve',
    store: store.value,
    projects: [
      {
        project: {
          id: 9,
          name: 'group/app',
          path: repository,
          repository: join(repository, '.git'),
          defaultBranch: 'main',
          variables: [],
          configPath: '.gitlab-ci.yml',
        },
        objects: { kind: 'mirrored', mirror: join(stateDir, 'mirrors', '9.git') },
        members: new Map(),
        triggers: [{ description: 'bench', token: 'bench', owner: 'root' }],
        refresh: () => Promise.resolve(),
      },
    ],
    users: [],
    localUser: { name: 'Root', email: 'root@example.test' },
    limits: { ...DEFAULT_LIMITS, waitingPipelines: 10_000_000 },
    clock: systemClock,
    version: '0.0.0',
    serverUrl: 'http://127.0.0.1',
    notice: (text) => void process.stderr.write(`${text}\n`),
  })
  if (!app.ok) throw new Error(JSON.stringify(app.error))
  const served = await serveHttp(app.value, {
    host: '127.0.0.1',
    port: 0,
    externalUrl: null,
    compiler: COMPILER_HERE,
    clock: systemClock,
    log: () => {},
  })
  if (!served.ok) throw served.error
  return Number(new URL(served.value.url).port)
}

/** The ceiling: an express route that reads its body and commits one row, with the settings of Sluice's database. */
async function oneRow(folder: string): Promise<number> {
  const database = openDatabase(join(folder, 'one-row.db'))
  database.exec('create table rows (id integer primary key, body text not null) strict')
  const insert = database.prepare<[string]>('insert into rows (body) values (?)')
  const write = makeWriter(database, true)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.post('/', express.text({ type: () => true }), (request, response) => {
    const { lastInsertRowid } = write('full', () => insert.run(request.body as string))
    response.status(201).json({ id: Number(lastInsertRowid) })
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const [which, folder = ''] = process.argv.slice(2)
console.log(await (which === 'one-row' ? oneRow(folder) : sluice(folder)))
process.stdin.on('data', () => console.log(process.memoryUsage.rss()))
process.stdin.on('end', () => process.exit(0))
