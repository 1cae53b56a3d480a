import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/git.ts'
import { keepAlive } from './support/keep-alive.ts'
import { liveServer, type LiveServer } from './support/live.ts'
import { form, type Received, type Sent } from './support/request.ts'

const YAML =
  'a: {script: [make]}\nb: {script: [make]}\nc: {script: [make]}\nd: {script: [make]}\ne: {script: [make]}\n'

async function withTrigger(
  stateDir = temporaryFolder(),
  value = 'x',
): Promise<{ server: LiveServer; sent: Sent }> {
  const server = await liveServer({ '.gitlab-ci.yml': YAML }, [], stateDir)
  const made = await server.call('POST', '/triggers', { description: 'bot' })
  const { token } = made.body as { token: string }
  return { server, sent: form({ token, ref: 'main', 'variables[A]': value }) }
}

const PATH = '/api/v4/projects/9/trigger/pipeline'

function refusal({ status, headers, text }: Received): unknown[] {
  return [status, headers['content-type'], headers['retry-after'], text]
}

/** Every pipeline has all that belongs to it: five jobs, its two variables and the request that asked for it. */
async function pipelinesOf(server: LiveServer): Promise<number> {
  const ids = server.app.store.pipelines.newest(9, 1000).map(({ id }) => id)
  for (const id of ids) {
    expect(server.app.store.jobs.headsOf(id)).toHaveLength(5)
    const variables = (await server.call('GET', `/pipelines/${id}/variables`)).body as { key: string }[]
    expect(variables.map(({ key }) => key)).toEqual(['A', 'TRIGGER_PAYLOAD'])
    expect(server.app.engine.provenance(id, () => true)).toBeDefined()
  }
  return ids.length
}

it(
  'a database that another process holds: 503, nothing is written, and all is well when it is free',
  { timeout: 90_000 },
  async () => {
    const stateDir = temporaryFolder()
    const { server, sent } = await withTrigger(stateDir)
    const holder = spawn(
      process.execPath,
      [
        '--eval',
        `const database = new (require('better-sqlite3'))(${JSON.stringify(join(stateDir, 'sluice.db'))})
       database.exec('begin exclusive')
       console.log('held')
       process.stdin.on('end', () => { database.exec('rollback'); database.close() }).resume()`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    await once(holder.stdout, 'data')
    const refused = await server.send(PATH, sent)
    expect(refusal(refused)).toEqual([
      503,
      'application/json',
      '60',
      '{"message":"503 Service Unavailable - the database is locked"}',
    ])
    holder.stdin.end()
    await once(holder, 'exit')
    expect(await pipelinesOf(server)).toBe(0)
    const accepted = await server.send(PATH, sent)
    expect([accepted.status, (JSON.parse(accepted.text) as { iid: number }).iid]).toEqual([201, 1])
    expect(await pipelinesOf(server)).toBe(1)
  },
)

/** Only root can mount a small disk, and not in every container. */
const mounted: string[] = []
afterAll(() => {
  for (const folder of mounted) spawnSync('umount', ['--lazy', folder])
})

function smallDisk(): string | undefined {
  const folder = temporaryFolder()
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder]).status !== 0) return undefined
  mounted.push(folder)
  return folder
}

const disk = smallDisk()

describe.skipIf(disk === undefined)('a full disk', () => {
  it('503, nothing half written, and work again when there is room', { timeout: 90_000 }, async () => {
    const stateDir = join(disk ?? '', 'state')
    const { server, sent } = await withTrigger(stateDir, 'x'.repeat(20_000))
    expect((await server.send(PATH, sent)).status).toBe(201)
    const filler = join(disk ?? '', 'filler')
    spawnSync('sh', ['-c', `cat /dev/zero > ${filler}`], { stdio: 'ignore' })
    expect(statSync(filler).size).toBeGreaterThan(1_000_000)

    const refused: Received[] = []
    let accepted = 1
    for (let n = 0; n < 200 && refused.length < 3; n++) {
      const received = await server.send(PATH, sent)
      if (received.status === 201) accepted++
      else refused.push(received)
    }
    const noRoom = '{"message":"503 Service Unavailable - there is no room left on the disk"}'
    expect(refused.map(refusal)).toEqual(
      Array.from({ length: 3 }, () => [503, 'application/json', '60', noRoom]),
    )
    expect(await pipelinesOf(server)).toBe(accepted)

    rmSync(filler)
    expect((await server.send(PATH, sent)).status).toBe(201)
    expect(await pipelinesOf(server)).toBe(accepted + 1)
  })
})

it(
  '1,000 triggers of 100 connections: all are answered, none is lost, none is doubled',
  { timeout: 120_000 },
  async () => {
    const { server, sent } = await withTrigger()
    const client = keepAlive(server.port, 100)
    const made: { id: number; iid: number }[] = []
    const requests = Array.from({ length: 1000 }, () => ({ path: PATH, sent }))
    await client.sendAll(requests, ({ status, text }) => {
      expect(status).toBe(201)
      made.push(JSON.parse(text) as { id: number; iid: number })
    })
    client.close()
    expect(new Set(made.map(({ id }) => id)).size).toBe(1000)
    expect(made.map(({ iid }) => iid).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, n) => n + 1),
    )
    expect(server.app.store.pipelines.newest(9, 2000)).toHaveLength(1000)
  },
)
