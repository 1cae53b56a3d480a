import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openReadOnly } from '../../src/store/database.ts'
import { StoreDamagedError, StoreVersionError } from '../../src/store/migrations.ts'
import { sql as foundation } from '../../src/store/migrations/0001-foundation.ts'
import { newestBackup } from '../../src/store/state-backup.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/state-folder.ts'

function made(): { readonly dir: string; readonly file: string } {
  const dir = temporaryFolder()
  openStore(dir, { powerSafe: true }).close()
  return { dir, file: join(dir, 'sluice.db') }
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
  throw new Error('nothing was thrown')
}

/** As the first version left it. */
function old(dir: string): string {
  const file = join(dir, 'sluice.db')
  const database = new Sqlite(file)
  database.pragma('journal_mode = wal')
  database.exec(foundation)
  database.pragma('application_id = 1360846849')
  database.pragma('user_version = 1')
  database.exec("insert into users (username, name, email) values ('root', 'Ann', 'ann@example.test')")
  database.close()
  return file
}

it('copies an older database before it changes its shape, and packs it', () => {
  const dir = temporaryFolder()
  const file = old(dir)
  openStore(dir, { powerSafe: false }).close()
  const [name = ''] = readdirSync(join(dir, 'backup'))
  expect(name).toMatch(/^upgrade-from-step-1-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-\d+\.db$/)
  const copy = openReadOnly(join(dir, 'backup', name))
  expect(copy.pragma('user_version', { simple: true })).toBe(1)
  expect(copy.prepare('select name from users').pluck().all()).toEqual(['Ann'])
  copy.close()
  const now = openReadOnly(file)
  expect([
    now.pragma('auto_vacuum', { simple: true }),
    now.prepare('select name from users').pluck().all(),
  ]).toEqual([2, ['Ann']])
  now.close()
})

it('keeps the newest three copies of upgrades, and every other backup', () => {
  const dir = temporaryFolder()
  const backup = join(dir, 'backup')
  mkdirSync(backup)
  const names = ['a', 'b', 'c', 'd'].map((letter) => `upgrade-from-step-1-${letter}.db`)
  for (const [index, name] of [...names, 'sluice-mine.zip'].entries()) {
    writeFileSync(join(backup, name), '')
    utimesSync(join(backup, name), 1000 + index, 1000 + index)
  }
  old(dir)
  openStore(dir, { powerSafe: false }).close()
  const left = readdirSync(backup)
  expect(left.filter((name) => !/-\d+\.db$/.test(name)).toSorted()).toEqual([
    'sluice-mine.zip',
    'upgrade-from-step-1-c.db',
    'upgrade-from-step-1-d.db',
  ])
  expect(left).toHaveLength(4)
})

it('makes no copy where nothing changes', () => {
  const { dir } = made()
  openStore(dir, { powerSafe: true }).close()
  expect(existsSync(join(dir, 'backup'))).toBe(false)
})

it('refuses a newer database, naming the newest backup that it can open', () => {
  const { dir, file } = made()
  const database = new Sqlite(file)
  database.pragma('user_version = 99')
  database.close()
  mkdirSync(join(dir, 'backup'))
  writeFileSync(join(dir, 'backup', 'upgrade-from-step-98-x.db'), '')
  const fits = join(dir, 'backup', 'upgrade-from-step-5-x.db')
  writeFileSync(fits, '')
  utimesSync(fits, 1000, 1000)
  const message = messageOf(() => openStore(dir, { powerSafe: true }))
  expect(message).toMatch(
    /^StoreVersionError: .*sluice\.db has step 99, this Sluice knows \d+; start the newer version, or restore the backup made on upgrade: /,
  )
  expect(message).toContain(fits)
})

it.each([
  [
    'no database',
    'this is no database, but a text that is long enough to be looked at as one, more than a hundred bytes of it',
  ],
  ['nothing', ''],
])('refuses %s in its place and names the newest backup; the file stays', (_, content) => {
  const { dir, file } = made()
  mkdirSync(join(dir, 'backup'))
  const backup = join(dir, 'backup', 'sluice-x.zip')
  writeFileSync(backup, '')
  for (const name of [`${file}-wal`, `${file}-shm`]) rmSync(name, { force: true })
  writeFileSync(file, content)
  const message = messageOf(() => openStore(dir, { powerSafe: true }))
  expect(message).toMatch(
    /^StoreDamagedError: .*sluice\.db is (damaged: .*|empty); nothing was changed; the newest backup is /,
  )
  expect(message).toContain(`sluice restore ${backup} --state ${dir} --force`)
  expect(readFileSync(file, 'utf8')).toBe(content)
})

it('never begins anew where the database is gone', () => {
  const { dir, file } = made()
  rmSync(file)
  expect(() => openStore(dir, { powerSafe: false })).toThrow(StoreDamagedError)
  expect(existsSync(file)).toBe(false)
})

it('looks through the file of a daemon at its start', () => {
  const { dir, file } = made()
  const { size } = statSync(file)
  const bytes = readFileSync(file)
  // The second half, whatever is in it.
  bytes.fill(0xff, size / 2)
  writeFileSync(file, bytes)
  expect(() => openStore(dir, { powerSafe: true })).toThrow(StoreDamagedError)
})

it('finds the newest backup by its time', () => {
  const dir = temporaryFolder()
  expect(newestBackup(dir)).toBeUndefined()
  mkdirSync(join(dir, 'backup'))
  for (const [name, time] of [
    ['sluice-a.zip', 2000],
    ['sluice-b.zip', 1000],
  ] as const) {
    writeFileSync(join(dir, 'backup', name), '')
    utimesSync(join(dir, 'backup', name), time, time)
  }
  expect(newestBackup(dir)).toBe(join(dir, 'backup', 'sluice-a.zip'))
})

it('gives empty pages back and empties the log of a database that is idle', () => {
  const { dir } = made()
  const store = openStore(dir, { powerSafe: false })
  const file = join(dir, 'sluice.db')
  const database = new Sqlite(file)
  database.exec('create table filler (text); ')
  database
    .prepare(
      'with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) insert into filler select hex(randomblob(200)) from n',
    )
    .run()
  database.exec('drop table filler')
  database.close()
  const before = store.upkeep.unusedBytes()
  expect(before).toBeGreaterThan(1_000_000)
  store.upkeep.shrink(100_000)
  expect(store.upkeep.unusedBytes()).toBe(0)
  expect(store.upkeep.checkpoint()).toBe(true)
  expect([store.upkeep.logBytes(), statSync(file).size < before]).toEqual([0, true])
  store.close()
})

it('is a newer database that is refused, and not a damaged one', () => {
  const { dir, file } = made()
  copyFileSync(file, `${file}.copy`)
  const database = new Sqlite(file)
  database.pragma('user_version = 99')
  database.close()
  expect(() => openStore(dir, { powerSafe: true })).toThrow(StoreVersionError)
})

it('half a copy of a killed upgrade has no name of a copy, and is gone after the next', () => {
  const dir = temporaryFolder()
  old(dir)
  mkdirSync(join(dir, 'backup'))
  const half = ['upgrade-from-step-1-x.db.part', 'upgrade-from-step-1-x.db.part-journal']
  for (const name of half) writeFileSync(join(dir, 'backup', name), 'half')
  expect(newestBackup(dir)).toBeUndefined()
  openStore(dir, { powerSafe: false }).close()
  const [copy = '', ...others] = readdirSync(join(dir, 'backup'))
  expect([copy, others]).toEqual([expect.stringMatching(/^upgrade-from-step-1-.*Z-\d+\.db$/), []])
  expect(statSync(join(dir, 'backup', copy)).mode & 0o777).toBe(0o600)
})

it('an upgrade that fails leaves no copy: nothing was changed', () => {
  const dir = temporaryFolder()
  const file = old(dir)
  const database = new Sqlite(file)
  // What the next step wants to make is there already.
  database.exec('create table resource_groups (x)')
  database.close()
  expect(() => openStore(dir, { powerSafe: false })).toThrow('resource_groups')
  expect(readdirSync(join(dir, 'backup'))).toEqual([])
  const after = openReadOnly(file)
  expect(after.pragma('user_version', { simple: true })).toBe(1)
  after.close()
})
