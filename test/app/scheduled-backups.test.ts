import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { startScheduledBackups, type WantedBackup } from '../../src/app/scheduled-backups.ts'
import type { BackupSettings } from '../../src/settings/settings.ts'
import { err, ok, type Result } from '../../src/shared/result.ts'
import { newestBackup, notedBackup } from '../../src/store/state-backup.ts'
import { frozenClock } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

type Make = (wanted: WantedBackup, signal: AbortSignal) => Promise<Result<true, string>>

const writes: Make = ({ target }) => {
  writeFileSync(target, 'a backup')
  return Promise.resolve(ok(true))
}

function daemon(more: Partial<BackupSettings> = {}, make: Make = writes, stateDir = temporaryFolder()) {
  const dir = more.dir ?? temporaryFolder()
  const clock = frozenClock(Date.UTC(2026, 10, 22, 12))
  const made = vi.fn<Make>(make)
  const notices: string[] = []
  const told: string[] = []
  const settings = { everyMs: HOUR, keep: 2, withFiles: false, ...more, dir }
  const start = () =>
    startScheduledBackups(
      {
        stateDir,
        clock,
        make: made,
        notice: (text) => void notices.push(text),
        tell: (text) => void told.push(text),
      },
      settings,
    )
  /** So many minutes, one look after the other. */
  const pass = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute++) {
      clock.advance(MINUTE)
      await vi.waitFor(() => expect(told.length + notices.length >= made.mock.calls.length).toBe(true), {
        interval: 1,
      })
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { start, clock, pass, made, notices, told, dir, stateDir, settings }
}

const stamps = (dir: string): (string | undefined)[] =>
  readdirSync(dir)
    .toSorted()
    .map((name) => /^auto-.*-(\d{4}-\d\d-\d\dT\d\d-\d\d)-\d\dZ\.zip$/.exec(name)?.[1])

it('makes one at its time, keeps the newest, and leaves those that somebody asked for', async () => {
  const { start, pass, made, told, notices, dir, stateDir } = daemon()
  writeFileSync(join(dir, 'sluice-2020-01-01T00-00-00Z.zip'), 'asked for')
  const backups = start()
  await pass(1)
  expect(stamps(dir)).toEqual(['2026-11-22T12-01', undefined])
  await pass(59)
  expect(made).toHaveBeenCalledTimes(1)
  await pass(61)
  expect(stamps(dir)).toEqual(['2026-11-22T13-01', '2026-11-22T14-01', undefined])
  expect(told.at(-1)).toMatch(/^backup \S+2026-11-22T14-01-00Z\.zip is made, 1 older removed$/)
  expect([notices, newestBackup(stateDir)]).toEqual([[], notedBackup(stateDir)?.file])
  await backups.stop()
})

it('a restart neither makes one too many nor forgets one', async () => {
  const first = daemon()
  const before = first.start()
  await first.pass(1)
  await before.stop()
  const again = first.start()
  await first.pass(30)
  expect(first.made).toHaveBeenCalledTimes(1)
  await again.stop()
  first.clock.advance(5 * HOUR)
  const late = first.start()
  await first.pass(1)
  expect(first.made).toHaveBeenCalledTimes(2)
  await late.stop()
})

it('says why one failed, tries again, and leaves no half one', async () => {
  let isFull = true
  const { start, pass, notices, told, dir, stateDir } = daemon({}, (wanted, signal) => {
    if (!isFull) return writes(wanted, signal)
    writeFileSync(`${wanted.target}.AbCdEf_1.part`, 'half')
    return Promise.resolve(err('there is no room left'))
  })
  const backups = start()
  await pass(1)
  expect([notices, readdirSync(dir)]).toEqual([['backup: there is no room left'], []])
  expect(notedBackup(stateDir)).toEqual({
    at: Date.UTC(2026, 10, 22, 12, 1),
    file: null,
    error: 'there is no room left',
  })
  await pass(9)
  expect(notices).toHaveLength(1)
  isFull = false
  await pass(2)
  expect([notices.length, told.length, notedBackup(stateDir)?.error]).toEqual([1, 1, null])
  await backups.stop()
})

it('makes its folder, and says when that cannot be', async () => {
  const fresh = join(temporaryFolder(), 'copies', 'here')
  const { start, pass } = daemon({ dir: fresh })
  const backups = start()
  await pass(1)
  expect(readdirSync(fresh)).toHaveLength(1)
  await backups.stop()
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const blocked = daemon({ dir: join(file, 'copies') })
  const other = blocked.start()
  await blocked.pass(1)
  await vi.waitFor(() => expect(blocked.notices).toHaveLength(1))
  expect(blocked.notices[0]).toContain(`backup: ${join(file, 'copies')} cannot be made: `)
  await other.stop()
})

it('follows the settings, and makes none without', async () => {
  const { start, pass, made, settings } = daemon()
  const backups = start()
  backups.follow(null)
  await pass(90)
  expect(made).not.toHaveBeenCalled()
  backups.follow({ ...settings, withFiles: true })
  await pass(1)
  expect(made.mock.calls[0]?.[0].withFiles).toBe(true)
  await backups.stop()
})

it('ends one that is under way', async () => {
  const { start, clock, dir, notices } = daemon({}, ({ target }, signal) => {
    writeFileSync(`${target}.AbCdEf_1.part-db`, 'half')
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(err('ended'))))
  })
  const backups = start()
  clock.advance(MINUTE)
  expect(readdirSync(dir)).toHaveLength(1)
  await backups.stop()
  expect([readdirSync(dir), notices]).toEqual([[], []])
})

it('the folder of the state folder is used where none is named', async () => {
  const stateDir = temporaryFolder()
  const clock = frozenClock()
  const targets: string[] = []
  const backups = startScheduledBackups(
    {
      stateDir,
      clock,
      make: ({ target }) => {
        targets.push(target)
        return Promise.resolve(ok(true))
      },
      notice: () => undefined,
      tell: () => undefined,
    },
    { everyMs: HOUR, keep: 1, dir: null, withFiles: false },
  )
  clock.advance(MINUTE)
  await backups.stop()
  expect(targets[0]?.startsWith(join(stateDir, 'backup', 'auto-'))).toBe(true)
  expect(existsSync(join(stateDir, 'scheduled-backup.json'))).toBe(false)
})

it.each(['', 'null', '{}', '{"at":1,"file":7,"error":null}'])('takes %j for no note of a backup', (text) => {
  const stateDir = temporaryFolder()
  writeFileSync(join(stateDir, 'scheduled-backup.json'), text)
  expect(notedBackup(stateDir)).toBeUndefined()
  expect(newestBackup(stateDir)).toBeUndefined()
})
