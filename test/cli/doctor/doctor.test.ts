import Sqlite from 'better-sqlite3'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { CommandContext } from '../../../src/cli/context.ts'
import { doctorCommand } from '../../../src/cli/doctor/doctor.ts'
import { checkBackups } from '../../../src/cli/doctor/backups.ts'
import { forUser, typed, type Finding } from '../../../src/cli/doctor/finding.ts'
import { checkRepositories } from '../../../src/cli/doctor/repositories.ts'
import {
  checkClock,
  checkInotify,
  checkOpenFiles,
  checkPort,
  judgeDisk,
} from '../../../src/cli/doctor/machine.ts'
import { checkNode, judgeGit } from '../../../src/cli/doctor/programs.ts'
import { checkState } from '../../../src/cli/doctor/state.ts'
import type { ProjectSettings } from '../../../src/settings/settings.ts'
import { noteBackup } from '../../../src/store/state-backup.ts'
import { openStore } from '../../../src/store/store.ts'
import { makeRepository } from '../../support/git.ts'
import { temporaryFolder } from '../../support/state-folder.ts'

it.each([
  ['git version 2.39.5', 'ok'],
  ['git version 2.38.0.windows.1', 'ok'],
  ['git version 3.1', 'ok'],
  ['git version 2.37.9', 'error'],
  ['what', 'error'],
])('git: %s', (said, level) => expect(judgeGit(said).level).toBe(level))

it.each([
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['20.18.3', 'error'],
  ['18.20.0', 'error'],
])('node %s', (version, level) => expect(checkNode(version).level).toBe(level))

it.each([
  [99 * 1024 ** 2, 'error', '99 MiB free at /x'],
  [1000 * 1024 ** 2, 'warning', '1000 MiB free at /x'],
  [5 * 1024 ** 3, 'ok', '5.0 GiB free at /x'],
])('disk: %i bytes', (free, level, message) =>
  expect(judgeDisk('disk', '/x', free)).toMatchObject({ level, message }),
)

it('a clock before this version was made', () => {
  const built = Date.UTC(2026, 5, 1)
  expect(checkClock(Date.UTC(1970, 0, 1), built).level).toBe('error')
  expect(checkClock(built, built).level).toBe('ok')
  const day = 86_400_000
  expect(checkClock(built + 30 * day, built, built + 31 * day)).toMatchObject({
    level: 'error',
    message:
      'the clock says 2026-07-01T00:00:00.000Z, before the daemon last wrote to its database, at 2026-07-02T00:00:00.000Z',
    fix: 'set it: timedatectl set-ntp true',
  })
  expect(checkClock(built + 31 * day, built, built + 31 * day).level).toBe('ok')
  expect(checkClock(Date.UTC(2040, 0, 1), built).level).toBe('error')
})

it.each([
  ['install it: apt-get install git', 'install it: sudo apt-get install git'],
  ['chown -R 7 /x', 'sudo chown -R 7 /x'],
  ['User namespaces are off; run: sysctl a=1', 'User namespaces are off; run: sudo sysctl a=1'],
  ['chmod 700 /x', 'chmod 700 /x'],
])('who is not root is told so: %s', (fix, expected) => {
  const finding = { check: 'x', level: 'error', message: 'x', fix } as const
  expect(forUser(finding, true).fix).toBe(fix)
  expect(forUser(finding, false).fix).toBe(expected)
})

it.each([
  ['/srv/a-b', '/srv/a-b'],
  ["/srv/my 'x'", "'/srv/my '\\''x'\\'''"],
])('a path is typed as %s', (path, expected) => expect(typed(path)).toBe(expected))

it.each([
  ['8192', '128', 'ok'],
  ['8191', '128', 'warning'],
  ['524288', '127', 'warning'],
])('inotify: %s watches, %s instances', (watches, instances, level) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'max_user_watches'), `${watches}\n`)
  writeFileSync(join(folder, 'max_user_instances'), `${instances}\n`)
  expect(checkInotify(folder).level).toBe(level)
})

it.each([
  ['1024', 'ok'],
  ['unlimited', 'ok'],
  ['256', 'warning'],
])('open files: %s', (limit, level) => {
  const file = join(temporaryFolder(), 'limits')
  writeFileSync(
    file,
    `Limit                     Soft Limit  Hard Limit  Units\nMax open files            ${limit}        1048576     files\n`,
  )
  expect(checkOpenFiles(file).level).toBe(level)
})

it('a port that somebody has, that our daemon has, and that is free', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  expect(await checkPort({ host: '127.0.0.1', port }, undefined)).toMatchObject({ level: 'warning' })
  expect(await checkPort({ host: '127.0.0.1', port }, process.pid)).toMatchObject({ level: 'ok' })
  expect(await checkPort({ host: '127.0.0.1', port: 0 }, undefined)).toMatchObject({ level: 'ok' })
  expect(await checkPort({ host: '203.0.113.1', port }, undefined)).toMatchObject({ level: 'error' })
})

function levels(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ check, level }) => [check, level]))
}

it('a state folder: not there, sound, readable by others, damaged', () => {
  const dir = join(temporaryFolder(), 'deep', 'state')
  expect(levels(checkState(dir))).toEqual({ state: 'ok' })
  openStore(dir, { powerSafe: true }).close()
  expect(levels(checkState(dir))).toEqual({ state: 'ok', database: 'ok', daemon: 'ok' })
  chmodSync(dir, 0o755)
  chmodSync(join(dir, 'secret.key'), 0o644)
  expect(levels(checkState(dir))).toMatchObject({ state: 'warning', keys: 'error' })
  writeFileSync(
    join(dir, 'sluice.db'),
    'this is no database, but a text that is long enough to be looked at as one; more than 100 bytes of it are needed',
  )
  mkdirSync(join(dir, 'backup'))
  writeFileSync(join(dir, 'backup', 'sluice-x.zip'), '')
  const damaged = checkState(dir).find(({ check }) => check === 'database')
  expect(damaged).toMatchObject({
    level: 'error',
    fix: `sluice restore ${join(dir, 'backup', 'sluice-x.zip')} --state ${dir} --force`,
  })
})

it('a database of a newer version, and one that is gone with what could be restored', () => {
  const dir = join(temporaryFolder(), 'state')
  openStore(dir, { powerSafe: true }).close()
  const database = new Sqlite(join(dir, 'sluice.db'))
  database.pragma('user_version = 99')
  database.close()
  const found = () => checkState(dir).find(({ check }) => check === 'database')
  expect(found()).toMatchObject({
    level: 'error',
    message: expect.stringContaining('a newer Sluice has made it'),
  })
  rmSync(join(dir, 'sluice.db'))
  expect(found()?.fix).toBe(
    `sluice restore FILE --state ${dir} --force, where FILE is a backup that lies elsewhere`,
  )
  mkdirSync(join(dir, 'backup'))
  // Only the copies before an upgrade that this version knows can help.
  for (const name of ['upgrade-from-step-99-x.db', 'upgrade-from-step-4-x.db'])
    writeFileSync(join(dir, 'backup', name), '')
  expect(found()?.fix).toBe(
    `sluice restore ${join(dir, 'backup', 'upgrade-from-step-4-x.db')} --state ${dir} --force`,
  )
})

it('the backups that the daemon makes: none, failed, fresh, old, gone', async () => {
  const dir = temporaryFolder()
  const file = join(dir, 'auto.zip')
  const hour = 3_600_000
  const now = Date.now()
  const settings = { everyMs: hour, keep: 1, dir: join(dir, 'copies'), withFiles: false }
  const look = (at = now) =>
    checkBackups(settings, dir, at).map(({ level, message }) => `${level} ${message}`)
  expect(checkBackups(null, dir, now)).toEqual([])
  expect(look()).toEqual([`ok none was made yet; they will be in ${dir}/copies`])
  await noteBackup(dir, { at: Date.UTC(2026, 10, 22), file: null, error: 'no room' })
  expect(look()).toEqual(['warning the last one failed at 2026-11-22T00:00:00.000Z: no room'])
  writeFileSync(file, 'x')
  await noteBackup(dir, { at: now, file, error: null })
  expect(look()[0]).toMatch(/^ok the newest is /)
  expect(look(now + 4 * hour)[0]).toMatch(/^warning the newest is .*: too old$/)
  rmSync(file)
  expect(look()).toEqual([`warning ${file}, the newest, is gone`])
})

it('a repository that git cannot open is named, with what helps', async () => {
  const sound = makeRepository({ files: { a: 'a' } }).root
  const broken = join(temporaryFolder(), 'app.git')
  mkdirSync(broken)
  const project = { id: 9, name: 'group/app', kind: 'work-tree' } as ProjectSettings
  const look = (path: string) => checkRepositories([{ ...project, path }])
  expect(await look(sound)).toEqual([])
  expect(await look(broken)).toMatchObject([
    {
      check: 'repository',
      level: 'warning',
      message: expect.stringContaining(`group/app: ${broken} cannot be opened: `),
      fix: `look at it: git -C ${broken} fsck`,
    },
  ])
})

function run(config?: string): Promise<{ exitCode: number; out: string; err: string }> {
  const home = temporaryFolder()
  const [out, err]: [string[], string[]] = [[], []]
  const context: CommandContext = {
    version: '1.0.0',
    packageRoot: home,
    entry: '/x',
    env: { HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') },
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    stdoutIsTerminal: false,
    elapsed: () => 0,
    outlive: () => undefined,
  }
  const file = join(home, 'runner.config.yaml')
  writeFileSync(file, config ?? 'projects: []\n')
  return doctorCommand({ config: file, json: config === undefined }, context).then((exitCode) => ({
    exitCode,
    out: out.join(''),
    err: err.join(''),
  }))
}

it('looks at everything, and says it as JSON', async () => {
  const { exitCode, out } = await run()
  const answer = JSON.parse(out) as { schema: number; ok: boolean; version: string; findings: Finding[] }
  expect(answer).toMatchObject({ schema: 1, version: '1.0.0' })
  expect(answer.findings.map(({ check }) => check).join(', ')).toBe(
    'version, platform, node, git, shell, sandbox, control groups, port, disk of state, disk of workspaces, clock, inotify, open files, state, configuration',
  )
  expect(answer.findings.filter(({ level, fix }) => level !== 'ok' && fix === null)).toEqual([])
  expect([exitCode, answer.ok]).toEqual(
    answer.findings.some(({ level }) => level === 'error') ? [6, false] : [0, true],
  )
})

it('a mistake in the configuration is wrong use, with its place', async () => {
  const { exitCode, out, err } = await run('listen: 127.0.0.1:0\nwach: off\n')
  expect(exitCode).toBe(2)
  expect(out).toContain('has 1 mistake: unknown key "wach" at the top level')
  expect(err).toContain('runner.config.yaml:2:1')
})
