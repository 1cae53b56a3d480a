// The built daemon and a configuration of which something is wrong, at its start and while it runs.
import { execFileSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { makeRepository } from '../support/git.ts'
import { makeHome, sluice, startSluice, type Home, type Running } from '../support/sluice.ts'

let home: Home
let config = ''

beforeEach(() => {
  home = makeHome()
  config = join(home.folder, 'runner.config.yaml')
})

const write = (projects: string): void => writeFileSync(config, `listen: 127.0.0.1:0\nprojects:\n${projects}`)
const repository = (): string =>
  makeRepository({ files: { '.gitlab-ci.yml': 'job:\n  script: echo hi\n' } }).root
const project = (id: number, path: string, more = ''): string =>
  `  - {id: ${id}, name: g/p${id}, path: ${path}, triggers: [{description: t, token: token-${id}}]${more}}\n`

async function serve(): Promise<{ readonly daemon: Running; trigger(id: number): Promise<number> }> {
  const daemon = startSluice(home, ['serve', '--executor', 'shell'])
  const [url] = await daemon.says(/http:\/\/127\.0\.0\.1:\d+/)
  await daemon.says(/Token/)
  return {
    daemon,
    async trigger(id) {
      const query = `token=token-${id}&ref=main`
      return (await fetch(`${url}/api/v4/projects/${id}/trigger/pipeline?${query}`, { method: 'POST' }))
        .status
    },
  }
}

it('starts without the entries that are wrong, shows them, and serves everything else', async () => {
  const [one, gone] = [repository(), repository()]
  renameSync(gone, `${gone}-away`)
  const schedules = ', schedules: [{cron: "0 25 * * *", ref: main}, {cron: "0 4 * * *", ref: main}]'
  write(project(1, one, schedules) + project(2, gone) + project(3, one))
  const { daemon, trigger } = await serve()
  for (const place of [
    /runner\.config\.yaml:3:\d+ {2}error {2}config\.invalid_cron/,
    /runner\.config\.yaml:4:\d+ {2}warning {2}config\.missing_repository/,
    /runner\.config\.yaml:5:\d+ {2}error {2}config\.duplicate_path/,
  ])
    await daemon.says(place)
  await daemon.says(/schedules 1/)
  expect([await trigger(1), await trigger(2), await trigger(3)]).toEqual([201, 400, 404])
  renameSync(`${gone}-away`, gone)
  await daemon.says(/g\/p2 is served again/)
  expect(await trigger(2)).toBe(201)
})

it('refuses a file of which nothing can be served, unless it was served before', async () => {
  const one = repository()
  renameSync(one, `${one}-away`)
  write(project(1, one))
  const refused = await sluice(home, ['serve', '--executor', 'shell'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/runner\.config\.yaml:3:\d+ {2}error {2}config\.missing_repository/)
  renameSync(`${one}-away`, one)
  const first = await serve()
  first.daemon.signal('SIGTERM')
  expect((await first.daemon.ended).code).toBe(0)
  renameSync(one, `${one}-away`)
  const { daemon, trigger } = await serve()
  expect(await trigger(1)).toBe(400)
  renameSync(`${one}-away`, one)
  await daemon.says(/g\/p1 is served again/)
  expect(await trigger(1)).toBe(201)
})

it('keeps the whole old file while the new one is wrong, and says so to who asked', async () => {
  const [one, two] = [repository(), repository()]
  write(project(1, one))
  const { trigger } = await serve()
  write(project(1, one) + project(2, two, ', schedules: [{cron: "0 4 * *", ref: main}]'))
  const refused = await sluice(home, ['reload'])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toMatch(/runner\.config\.yaml:4:\d+ {2}error {2}config\.invalid_cron/)
  expect([await trigger(1), await trigger(2)]).toEqual([201, 404])
  write(project(1, one) + project(2, two))
  const taken = await sluice(home, ['reload'])
  expect(taken).toMatchObject({ code: 0, stdout: `${config} is read: 2 projects\n` })
  expect(await trigger(2)).toBe(201)
})

it('follows the files that secrets are read from', async () => {
  const secret = join(home.folder, 'secret')
  writeFileSync(secret, 'first-token\n')
  write(
    `  - {id: 1, name: g/p1, path: ${repository()}, triggers: [{description: t, token: "file:secret"}]}\n`,
  )
  const daemon = startSluice(home, ['serve', '--executor', 'shell'])
  const [url] = await daemon.says(/http:\/\/127\.0\.0\.1:\d+/)
  await daemon.says(/Token/)
  const status = async (token: string): Promise<number> =>
    (await fetch(`${url}/api/v4/projects/1/trigger/pipeline?token=${token}&ref=main`, { method: 'POST' }))
      .status
  expect(await status('first-token')).toBe(201)
  writeFileSync(secret, 'second-token\n')
  await daemon.says(/is read: 1 projects/)
  expect([await status('first-token'), await status('second-token')]).toEqual([404, 201])
})

// Only root can give a repository away.
it.runIf(process.getuid?.() === 0)(
  'says of repositories that belong to another user whose they are and what helps, where their paths are written',
  async () => {
    const [own, tree, bare] = [repository(), repository(), join(home.folder, 'bare.git')]
    execFileSync('git', ['clone', '--quiet', '--bare', tree, bare])
    for (const folder of [tree, bare]) execFileSync('chown', ['-R', '4711:4711', folder])
    write(project(1, own) + project(2, tree) + project(3, bare))
    const { daemon, trigger } = await serve()
    await daemon.says(/runner\.config\.yaml:4:\d+ {2}warning {2}config\.unusable_repository/)
    await daemon.says(/g\/p2: \S+ cannot be opened: it belongs to the user 4711, and Sluice runs as/)
    await daemon.says(/git config --global --add safe\.directory/)
    await daemon.says(/runner\.config\.yaml:5:\d+ {2}warning {2}config\.foreign_repository/)
    expect([await trigger(1), await trigger(2), await trigger(3)]).toEqual([201, 400, 201])
    execFileSync('git', ['config', '--global', '--add', 'safe.directory', tree], { env: home.env })
    await daemon.says(/g\/p2 is served again/)
    expect(await trigger(2)).toBe(201)
  },
)
