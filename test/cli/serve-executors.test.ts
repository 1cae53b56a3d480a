import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveExecutors } from '../../src/cli/serve-executors.ts'
import { DEFAULT_ISOLATION, type Isolation } from '../../src/model/isolation.ts'

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-executors-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const SHELL: Isolation = { ...DEFAULT_ISOLATION, executor: 'shell' }
const ALONE: Isolation = { ...SHELL, sandbox: { ...SHELL.sandbox, network: 'none' } }

const project = (id: number, isolation: Isolation) => ({ id, name: `group/p${id}`, isolation })

const find = (isolation: Isolation, projects: ReturnType<typeof project>[], host = '127.0.0.1') =>
  serveExecutors({ isolation, projects }, undefined, { host, port: 0 }, folder)

describe('the executors of a daemon', () => {
  it('projects that ask for nothing else share that of the daemon', async () => {
    const found = await find(SHELL, [project(1, SHELL)])
    expect(found).toMatchObject({ ok: true, value: { own: { executor: { name: 'shell' } }, notices: [] } })
    expect(found.ok && found.value.byProject.size).toBe(0)
  })

  it('others have their own, tried once each', async () => {
    const login: Isolation = { ...SHELL, shell: { name: 'bash', login: true } }
    const found = await find(SHELL, [project(1, SHELL), project(2, login), project(3, login)])
    const own = found.ok ? found.value.byProject : new Map()
    expect([...own.keys()]).toEqual([2, 3])
    expect(own.get(2)).toBe(own.get(3))
    expect(own.get(2)?.shell.args).toEqual(['--login'])
  })

  it('what cannot be had is named with its project', async () => {
    const found = await find(SHELL, [project(7, ALONE)])
    expect(found.ok ? [] : found.error.problems.map(({ message }) => message)).toEqual([
      'project group/p7: sandbox.network: none needs bubblewrap, and the shell executor was chosen\nwith "network: host" jobs use the network of this machine',
    ])
  })

  it('the command line stands above all', async () => {
    const settings = { isolation: DEFAULT_ISOLATION, projects: [project(1, DEFAULT_ISOLATION)] }
    const found = await serveExecutors(settings, 'shell', { host: '0.0.0.0', port: 0 }, folder)
    expect(found).toMatchObject({ ok: true, value: { own: { executor: { name: 'shell' } } } })
  })
})
