import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { daemonForFile } from '../support/daemon.ts'

const NEXT_MONTH = new Date(Date.now() + 30 * 24 * 3600_000).toISOString().slice(0, 10)
const daemon = daemonForFile({ '.gitlab-ci.yml': 'unit: { script: echo $K }\n' })

it('sets, shows and deletes variables', async () => {
  expect((await daemon.run('variable', 'list')).stdout).toBe(
    'no variables; set one: sluice variable set KEY VALUE\n',
  )
  expect((await daemon.run('variable', 'set', 'K', "it's")).stdout).toBe('K is set\n')
  expect((await daemon.run('variable', 'set', 'K', 'long-enough', '--masked')).stdout).toBe('K is changed\n')
  expect(
    (await daemon.run('variable', 'set', 'K', 'for-reviews', '--scope', 'review/*', '--raw')).stdout,
  ).toBe('K is set for review/*\n')
  expect((await daemon.run('variable', 'get', 'K', '--scope', '*')).stdout).toBe('long-enough\n')
  const unclear = await daemon.run('variable', 'get', 'K')
  expect(unclear).toMatchObject({ code: 5, stderr: expect.stringContaining('There are multiple variables') })
  const short = await daemon.run('variable', 'set', 'SHORT', 'abc', '--masked')
  expect(short).toMatchObject({ code: 5, stderr: expect.stringContaining('at least 8 characters') })

  const piped = spawnSync(
    'sh',
    [
      '-c',
      'printf "two\\nlines\\n" | "$@"',
      'sh',
      process.execPath,
      join(import.meta.dirname, '../../dist/main.js'),
      'variable',
      'set',
      'F',
      '--file',
      '--protected',
    ],
    { cwd: daemon.project, env: { ...daemon.home.env }, encoding: 'utf8' },
  )
  expect(piped.stdout).toBe('F is set\n')

  const list = await daemon.run('variable', 'list')
  expect(list.stdout).toMatch(/^KEY +TYPE +SCOPE +IS\n/)
  expect(list.stdout).toMatch(/\nK +env_var +\* +masked\n/)
  expect(list.stdout).toMatch(/\nK +env_var +review\/\* +raw\n/)
  expect(list.stdout).toMatch(/\nF +file +\* +protected\n/)
  expect(JSON.stringify(await daemon.json('variable', 'list'))).not.toContain('long-enough')
  expect((await daemon.run('variable', 'export', '--scope', '*', '--format', 'export')).stdout).toBe(
    "export K=long-enough\nexport F='two\nlines'\n",
  )
  expect((await daemon.run('variable', 'delete', 'K', '--scope', 'review/*')).stdout).toBe('K is deleted\n')
  expect(await daemon.json('variable', 'get', 'K')).toMatchObject({
    schema: 1,
    variable: { key: 'K', value: 'long-enough', masked: true },
  })
  expect((await daemon.run('variable', 'get', 'NONE')).code).toBe(5)
})

it('makes access tokens, which work until they are revoked', async () => {
  const made = await daemon.run('token', 'create', 'ci', '--scope', 'read_api', '--expires-at', NEXT_MONTH)
  expect(made).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^access token \d+, shown this once:\n$/),
  })
  const token = made.stdout.trim()
  const id = /token (\d+)/.exec(made.stderr)?.[1] ?? ''
  expect((await daemon.run('token', 'list')).stdout).toMatch(
    new RegExp(`\\n${id} +ci +root +read_api +just now +never +${NEXT_MONTH}\\n`),
  )
  const env = { SLUICE_URL: daemon.url(), SLUICE_TOKEN: token }
  expect((await daemon.runWith({ env }, 'variable', 'list')).code).toBe(0)
  const written = await daemon.runWith({ env }, 'variable', 'set', 'A', 'b')
  expect(written).toMatchObject({ code: 5, stderr: expect.stringContaining('insufficient_scope') })
  expect(await daemon.json('token', 'revoke', id)).toEqual({ schema: 1, revoked: Number(id) })
  expect(await daemon.runWith({ env }, 'variable', 'list')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('SLUICE_TOKEN, or the access token of that daemon, is not valid there'),
  })
  expect((await daemon.run('token', 'list')).stdout).not.toMatch(new RegExp(`\\n${id} `))
  expect((await daemon.run('token', 'list', '--all')).stdout).toMatch(/ revoked\n/)
})

it('makes users, gives and takes roles, blocks', async () => {
  expect((await daemon.run('user', 'create', 'anna', '--name', 'Anna')).stdout).toMatch(/^user 2: anna; /)
  expect(await daemon.run('user', 'create', 'anna')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('taken'),
  })
  const token = (await daemon.run('token', 'create', 'hers', '--user', 'anna')).stdout.trim()
  const env = { SLUICE_URL: daemon.url(), SLUICE_TOKEN: token }
  const list = (): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    daemon.runWith({ env }, 'pipeline', 'list', '--project', '9')
  expect((await list()).code).toBe(5)
  expect((await daemon.run('user', 'grant', 'anna', 'developer')).stdout).toBe('anna is developer now\n')
  expect((await list()).code).toBe(0)
  expect((await daemon.run('user', 'list', '--project', '9')).stdout).toMatch(
    /\n2 +anna +Anna +developer +active\n/,
  )
  expect((await daemon.run('user', 'grant', 'anna', 'maintainer')).stdout).toBe('anna is maintainer now\n')
  expect((await daemon.run('user', 'list', '--project', '9')).stdout).toMatch(/\n2 +anna +Anna +maintainer /)
  expect((await daemon.run('user', 'block', 'anna')).stdout).toBe('anna is blocked\n')
  expect((await daemon.run('user', 'list')).stdout).toMatch(/\n2 +anna +Anna +blocked\n/)
  expect((await list()).stderr).toContain('Your account has been blocked.')
  expect((await daemon.run('user', 'unblock', 'anna')).code).toBe(0)
  expect(await daemon.json('user', 'revoke', 'anna')).toEqual({ schema: 1, revoked: 'anna' })
  expect((await list()).code).toBe(5)
  expect(await daemon.run('user', 'grant', 'ana', 'developer')).toMatchObject({
    code: 2,
    stderr: 'error: there is no user "ana"\n  "anna" is close\n',
  })
  expect((await daemon.run('user', 'grant', 'anna', 'king')).code).toBe(2)
})

it('lists the projects that are served', async () => {
  expect((await daemon.run('project', 'list')).stdout).toMatch(
    new RegExp(`^ID +NAME +BRANCH +PATH +PAGE\\n9 +group/app +main +${daemon.project} +http:`),
  )
  expect(await daemon.json('project', 'list')).toMatchObject({
    schema: 1,
    projects: [{ id: 9, name: 'group/app', path: daemon.project }],
  })
})

it('prints a link that logs a browser in once, and opens it where there is a screen', async () => {
  const { stdout } = await daemon.run('open', '--no-browser')
  const open = (): Promise<Response> => fetch(stdout.trim(), { redirect: 'manual' })
  expect((await open()).status).toBe(303)
  expect((await open()).status).toBe(401)
  const bin = join(daemon.home.folder, 'bin')
  mkdirSync(bin)
  const opened = join(bin, 'opened')
  // A named pipe: what is read here was written there.
  spawnSync('mkfifo', [opened])
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > ${opened}\n`)
  chmodSync(join(bin, 'xdg-open'), 0o755)
  const env = { DISPLAY: ':0', PATH: `${bin}:${daemon.home.env['PATH'] ?? ''}` }
  const shown = await daemon.runWith({ env }, 'open')
  expect(readFileSync(opened, 'utf8')).toBe(shown.stdout)
})

it('gives no login link without a token', async () => {
  const link = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${daemon.url()}/-/login_links`, { method: 'POST', headers })
  expect((await link({})).status).toBe(401)
  expect((await link({ 'PRIVATE-TOKEN': 'glpat-nonsense' })).status).toBe(401)
})

it('has the daemon read its configuration anew, and refuses one with a mistake', async () => {
  const before = readFileSync(daemon.config, 'utf8')
  writeFileSync(daemon.config, `${before}nonsense: 1\n`)
  const refused = await daemon.run('reload')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown key "nonsense"') })
  writeFileSync(daemon.config, before)
  expect(await daemon.run('reload')).toMatchObject({
    code: 0,
    stdout: `${daemon.config} is read: 1 projects\n`,
  })
  const none = await daemon.runWith({ env: { XDG_STATE_HOME: join(daemon.home.folder, 'empty') } }, 'reload')
  expect(none).toMatchObject({ code: 5, stderr: expect.stringContaining('no daemon runs here') })
})
