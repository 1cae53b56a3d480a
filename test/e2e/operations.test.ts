import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { makeHome, sluice, startSluice, type Home } from '../support/sluice.ts'

interface Installation {
  readonly home: Home
  readonly folder: string
  readonly config: string
  readonly state: string
}

function configOf(retention: string): string {
  return `listen: 127.0.0.1:0
state: state
log: daemon.log
executor: shell
retention: ${retention}
projects:
  - {id: 9, name: group/app, path: app, default_branch: main, watch: off, triggers: [{token: glptt-abcdefgh, owner: root}]}
`
}

function install(): Installation {
  const folder = temporaryFolder()
  makeRepository({
    folder: join(folder, 'app'),
    files: { '.gitlab-ci.yml': 'unit: {script: ["echo hello"]}\n' },
  })
  const config = join(folder, 'runner.config.yaml')
  writeFileSync(config, configOf('{}'))
  return { home: makeHome(), folder, config, state: join(folder, 'state') }
}

async function serve({ home, config, state }: Installation) {
  const daemon = startSluice(home, ['serve', '--config', config])
  const [, url = ''] = await daemon.says(/Web +(http:\/\/[^/\s]+)\//)
  await daemon.says(/Token/)
  const token = readFileSync(join(state, 'access-token'), 'utf8').trim()
  const pipelines = async (): Promise<{ id: number; status: string }[]> => {
    const answer = await fetch(`${url}/api/v4/projects/9/pipelines`, { headers: { 'PRIVATE-TOKEN': token } })
    return (await answer.json()) as { id: number; status: string }[]
  }
  return {
    daemon,
    pipelines,
    async trigger(): Promise<void> {
      const body = new URLSearchParams({ token: 'glptt-abcdefgh', ref: 'main' })
      const answer = await fetch(`${url}/api/v4/projects/9/trigger/pipeline`, { method: 'POST', body })
      expect(answer.status).toBe(201)
    },
  }
}

/** Looks until it is so. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < 1000; look++) {
    if (await holds()) return
    await wait(20)
  }
  throw new Error('it never was so')
}

it('a daemon forgets what new rules do not keep, writes its log where it is opened anew, is copied while it runs and restored', async () => {
  const made = install()
  const { home, folder, config, state } = made
  const { daemon, pipelines, trigger } = await serve(made)
  for (let run = 0; run < 4; run++) await trigger()
  await until(async () => (await pipelines()).every(({ status }) => status === 'success'))

  const copied = await sluice(home, [
    'backup',
    '--with-files',
    '--config',
    config,
    '--json',
    join(folder, 'copy.zip'),
  ])
  expect(JSON.parse(copied.stdout)).toMatchObject({ schema: 1, file: join(folder, 'copy.zip') })

  const log = join(folder, 'daemon.log')
  await until(() => readFileSync(log, 'utf8').includes('"msg":"pipeline"'))
  renameSync(log, `${log}.1`)
  writeFileSync(config, configOf('{pipelines: {count: 2}}'))
  daemon.signal('SIGHUP')
  await until(async () => (await pipelines()).length === 2)
  expect((await pipelines()).map(({ id }) => id)).toEqual([4, 3])
  await until(() => readdirSync(join(state, 'traces', ...yearAndMonth())).length === 2)
  await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('is read: 1 projects'))

  const busy = await sluice(home, ['restore', join(folder, 'copy.zip'), '--state', state, '--force'])
  expect([busy.code, busy.stderr]).toEqual([
    6,
    `error: process ${daemon.pid} works on ${state}; end it first\n`,
  ])
  daemon.signal('SIGTERM')
  expect((await daemon.ended).code).toBe(0)

  const restored = await sluice(home, ['restore', join(folder, 'copy.zip'), '--state', state, '--force'])
  expect(restored.code).toBe(0)
  writeFileSync(config, configOf('{}'))
  const again = await serve(made)
  expect((await again.pipelines()).map(({ id }) => id)).toEqual([4, 3, 2, 1])
  await again.trigger()
  await until(async () => (await again.pipelines())[0]?.status === 'success')
})

it('a damaged database is refused with the newest backup, and doctor says the same', async () => {
  const made = install()
  const { home, config, state } = made
  const { daemon } = await serve(made)
  const copied = await sluice(home, ['backup', '--config', config, '--json'])
  const { file } = JSON.parse(copied.stdout) as { file: string }
  daemon.signal('SIGTERM')
  await daemon.ended
  writeFileSync(join(state, 'sluice.db'), `no database${' '.repeat(200)}`)
  const refused = await sluice(home, ['serve', '--config', config])
  expect(refused.code).toBe(6)
  expect(refused.stderr).toContain(
    `the newest backup is ${file}: sluice restore ${file} --state ${state} --force`,
  )
  const doctor = await sluice(home, ['doctor', '--config', config, '--json'])
  expect(doctor.code).toBe(6)
  expect(doctor.stdout).toContain(`sluice restore ${file} --state ${state} --force`)
  expect((await sluice(home, ['restore', file, '--config', config, '--force'])).code).toBe(0)
  await serve(made)
})

it('what is printed for machines', async () => {
  const { home, config } = install()
  const schema = await sluice(home, ['config', 'schema'])
  expect(JSON.parse(schema.stdout)).toMatchObject({ title: 'runner.config.yaml of Sluice' })
  const unit = await sluice(home, ['service', 'install', '--print', '--config', config, '--run-as', 'ci'])
  expect(unit.stdout).toMatch(/\nExecStart=\S+ \S+main\.js serve --config \S+runner\.config\.yaml\n/)
})

function yearAndMonth(): [string, string] {
  const [year = '', month = ''] = new Date().toISOString().split('-')
  return [year, month]
}
