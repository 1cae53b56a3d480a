import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { ensureAccessToken } from '../../src/app/access-token.ts'
import { backUp } from '../../src/app/backup.ts'
import { restore } from '../../src/app/restore.ts'
import { ownIdentity } from '../../src/platform/process-identity.ts'
import { newestBackup } from '../../src/store/state-backup.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const NOW = Date.UTC(2026, 10, 22, 12)

/** A state folder that is open, as a daemon has it. */
async function served(): Promise<{ readonly dir: string; readonly store: Store }> {
  const dir = join(temporaryFolder(), 'state')
  const store = openStore(dir, { powerSafe: true })
  onTestFinished(() => store.close())
  store.users.put({ username: 'root', name: 'Ann', email: '' })
  store.projects.put({ id: 9, name: 'group/app', path: '/x', defaultBranch: 'main' }, NOW)
  store.triggers.declare(
    {
      projectId: 9,
      ownerId: 1,
      description: 'a',
      token: 'glptt-very-secret',
      expiresAt: null,
      declaredAt: 'x:1',
    },
    NOW,
  )
  await ensureAccessToken(store, NOW)
  mkdirSync(join(dir, 'traces', '2026', '11'), { recursive: true })
  writeFileSync(join(dir, 'traces', '2026', '11', '7.log'), 'a log\n')
  const database = new Sqlite(join(dir, 'sluice.db'))
  database.prepare("insert into sqlite_sequence (name, seq) values ('jobs', 7)").run()
  database.close()
  return { dir, store }
}

function options(dir: string, more: object = {}) {
  return { stateDir: dir, withFiles: false, version: '1.0.0', now: NOW, ...more }
}

async function backupOf(dir: string, more: object = {}): Promise<string> {
  const made = await backUp(options(dir, more))
  if (!made.ok) throw new Error(made.error)
  return made.value.file
}

it('copies a state folder that is in use, and makes another of it', async () => {
  const { dir, store } = await served()
  const file = await backupOf(dir, { withFiles: true })
  expect(file).toBe(join(dir, 'backup', 'sluice-2026-11-22T12-00-00Z.zip'))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(dir, 'backup'))).toEqual(['sluice-2026-11-22T12-00-00Z.zip'])
  // What comes after it is not in it.
  store.users.put({ username: 'late', name: 'Late', email: '' })

  const other = join(temporaryFolder(), 'other')
  expect(await restore({ file, stateDir: other, force: false, now: NOW })).toEqual({
    ok: true,
    value: { stateDir: other, before: null, madeAt: '2026-11-22T12:00:00.000Z', schedules: 0 },
  })
  expect(readFileSync(join(other, 'traces/2026/11/7.log'), 'utf8')).toBe('a log\n')
  expect(readdirSync(other).toSorted()).toEqual(['secret.key', 'sluice.db', 'traces'])
  const restored = openStore(other, { powerSafe: true })
  expect(restored.users.findByName('late')).toBeUndefined()
  expect(restored.triggers.findByToken('glptt-very-secret')).toMatchObject({ description: 'a' })
  restored.close()
})

it('has no token in plain text, and no logs unless they are asked for', async () => {
  const { dir } = await served()
  const token = readFileSync(join(dir, 'access-token'), 'utf8').trim()
  const target = join(temporaryFolder(), 'there.zip')
  await backupOf(dir, { target })
  const other = join(temporaryFolder(), 'other')
  await restore({ file: target, stateDir: other, force: false, now: NOW })
  expect(existsSync(join(other, 'traces'))).toBe(false)
  for (const name of readdirSync(other)) {
    const bytes = readFileSync(join(other, name), 'latin1')
    expect([name, bytes.includes(token), bytes.includes('glptt-very-secret')]).toEqual([name, false, false])
  }
  const restored = openStore(other, { powerSafe: true })
  // Whoever has the old file has nothing any more.
  expect(restored.accessTokens.findByToken(token)?.revokedAt ?? null).not.toBeNull()
  restored.close()
})

it('writes into a folder that is named, and over nothing', async () => {
  const { dir } = await served()
  const folder = temporaryFolder()
  expect(await backupOf(dir, { target: folder })).toBe(join(folder, 'sluice-2026-11-22T12-00-00Z.zip'))
  expect(await backUp(options(dir, { target: folder }))).toMatchObject({
    ok: false,
    error: expect.stringContaining('exists already'),
  })
  expect(await backUp(options(temporaryFolder()))).toMatchObject({
    ok: false,
    error: expect.stringContaining('has no database'),
  })
})

it('refuses a folder that is not empty, and with force keeps what was there', async () => {
  const { dir, store } = await served()
  const file = await backupOf(dir)
  store.users.put({ username: 'late', name: 'Late', email: '' })
  store.close()
  expect(await restore({ file, stateDir: dir, force: false, now: NOW })).toMatchObject({
    ok: false,
    error: { kind: 'not_empty' },
  })
  const restored = await restore({ file, stateDir: dir, force: true, now: NOW })
  const before = restored.ok ? restored.value.before : null
  expect(before).toMatch(/state\.before-restore-2026-11-22T12-00-00Z-/)
  const old = openStore(before ?? '', { powerSafe: false })
  expect(old.users.findByName('late')).toBeDefined()
  old.close()
})

it('refuses while a process works on the folder', async () => {
  const { dir, store } = await served()
  const file = await backupOf(dir)
  store.processes.add({ kind: 'serve', ...ownIdentity() }, NOW)
  const message = `process ${process.pid} works on ${dir}; end it first`
  expect(await restore({ file, stateDir: dir, force: true, now: NOW })).toEqual({
    ok: false,
    error: { kind: 'in_use', message },
  })
})

it('who worked on it when it was copied is gone in the copy', async () => {
  const { dir, store } = await served()
  store.processes.add({ kind: 'serve', ...ownIdentity() }, NOW)
  const file = await backupOf(dir)
  const other = join(temporaryFolder(), 'other')
  expect((await restore({ file, stateDir: other, force: false, now: NOW })).ok).toBe(true)
  const restored = openStore(other, { powerSafe: false })
  expect(restored.processes.unended().map(({ bootId }) => bootId)).toEqual(['before the restore'])
  restored.close()
})

it('puts back the database that an upgrade has copied, into its own folder only', async () => {
  const { dir, store } = await served()
  store.close()
  const copy = join(temporaryFolder(), 'upgrade-from-step-4-x.db')
  writeFileSync(copy, readFileSync(join(dir, 'sluice.db')))
  expect(
    await restore({ file: copy, stateDir: join(temporaryFolder(), 'new'), force: false, now: NOW }),
  ).toMatchObject({
    error: { kind: 'unusable', message: expect.stringContaining('a database alone') },
  })
  expect(await restore({ file: copy, stateDir: dir, force: true, now: NOW })).toMatchObject({ ok: true })
  const restored = openStore(dir, { powerSafe: true })
  expect(restored.triggers.findByToken('glptt-very-secret')).toBeDefined()
  restored.close()
})

it.each([['a text'], ['PK\u0003\u0004 and then nothing']])('refuses %j', async (content) => {
  const file = join(temporaryFolder(), 'x.zip')
  writeFileSync(file, content)
  const stateDir = join(temporaryFolder(), 'new')
  expect(await restore({ file, stateDir, force: false, now: NOW })).toMatchObject({
    ok: false,
    error: { kind: 'unusable' },
  })
  expect(existsSync(stateDir)).toBe(false)
})

it('a backup that is not there is named, with the newest that is', async () => {
  const { dir } = await served()
  const newest = await backupOf(dir)
  const missing = join(temporaryFolder(), 'gone.zip')
  const ask = (file: string) => restore({ file, stateDir: dir, force: true, now: NOW })
  expect(await ask(missing)).toEqual({
    ok: false,
    error: { kind: 'missing', message: `there is no file ${missing}; the newest backup is ${newest}` },
  })
  expect(await ask(join(dir, 'backup'))).toEqual({
    ok: false,
    error: { kind: 'missing', message: `${join(dir, 'backup')} is no file; name one of the backups in it` },
  })
})

it('a backup of a newer Sluice is refused before anything is touched', async () => {
  const { dir, store } = await served()
  store.close()
  const database = new Sqlite(join(dir, 'sluice.db'))
  database.pragma('user_version = 99')
  database.close()
  const file = await backupOf(dir)
  const stateDir = join(temporaryFolder(), 'new')
  const answer = await restore({ file, stateDir, force: false, now: NOW })
  expect(answer).toMatchObject({
    ok: false,
    error: { kind: 'unusable', message: expect.stringContaining('a newer Sluice has made it') },
  })
  expect(existsSync(stateDir)).toBe(false)
})

it('a schedule whose time passed since the backup was made goes on with its next', async () => {
  const { dir, store } = await served()
  const schedule = { description: 'nightly', ref: 'refs/heads/main', cron: '0 1 * * *', timezone: 'UTC' }
  const rest = { active: true, inputs: {}, missed: 'once', projectId: 9, ownerId: 1, declared: null } as const
  const id = store.schedules.add({ ...schedule, ...rest, nextRunAt: Date.UTC(2026, 10, 23, 1) }, NOW)
  const file = await backupOf(dir)
  const other = join(temporaryFolder(), 'other')
  const later = Date.UTC(2026, 10, 25, 12)
  expect(await restore({ file, stateDir: other, force: false, now: later })).toMatchObject({
    value: { schedules: 1 },
  })
  const restored = openStore(other, { powerSafe: true })
  expect(restored.schedules.find(id)?.nextRunAt).toBe(Date.UTC(2026, 10, 26, 1))
  restored.close()
})

it('what a killed backup left has no name of a backup, and goes when it is a day old', async () => {
  const { dir } = await served()
  const folder = join(dir, 'backup')
  mkdirSync(folder)
  const left = [
    'sluice-2026-11-20T12-00-00Z.zip.AbCdEf_1.part',
    'sluice-2026-11-20T12-00-00Z.zip.AbCdEf_1.part-db',
  ]
  for (const name of left) {
    writeFileSync(join(folder, name), 'half')
    utimesSync(join(folder, name), NOW / 1000 - 90_000, NOW / 1000 - 90_000)
  }
  expect(newestBackup(dir)).toBeUndefined()
  const file = await backupOf(dir)
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([file])
})

it('says in words why a backup cannot be made', async () => {
  const { dir } = await served()
  const target = join(temporaryFolder(), 'no', 'such', 'x.zip')
  expect(await backUp(options(dir, { target }))).toEqual({
    ok: false,
    error: `${target} cannot be made: there is no folder ${dirname(target)}`,
  })
})

it('files of jobs that began after the copy are not there for those that get their numbers', async () => {
  const { dir, store } = await served()
  const old = join('traces', '2026', '11', '7.log')
  const late = [
    join('traces', '2026', '11', '8.log'),
    join('artifacts', '2026', '11', '8'),
    join('artifacts', '2026', '11', '8.reports'),
  ]
  mkdirSync(join(dir, 'artifacts', '2026', '11'), { recursive: true })
  for (const path of late) writeFileSync(join(dir, path), 'of a job that the copy does not know')
  store.close()
  const file = await backupOf(dir, { withFiles: true })
  const other = join(temporaryFolder(), 'other')
  expect((await restore({ file, stateDir: other, force: false, now: NOW })).ok).toBe(true)
  expect([old, ...late].map((path) => existsSync(join(other, path)))).toEqual([true, false, false, false])

  // Where only the database is put back, they are kept beside it.
  const copy = join(temporaryFolder(), 'upgrade-from-step-4-x.db')
  writeFileSync(copy, readFileSync(join(dir, 'sluice.db')))
  const restored = await restore({ file: copy, stateDir: dir, force: true, now: NOW })
  const before = restored.ok ? (restored.value.before ?? '') : ''
  expect([old, ...late].map((path) => existsSync(join(dir, path)))).toEqual([true, false, false, false])
  expect(late.map((path) => existsSync(join(before, path)))).toEqual([true, true, true])
})
