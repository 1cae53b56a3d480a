import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, openDatabase } from './database.ts'
import { migrate, StoreDamagedError } from './migrations.ts'
import { backUpBeforeUpgrade, newestBackup } from './state-backup.ts'
import { INCREMENTAL } from './upkeep.ts'

/**
 * Opens the database of a state folder and brings it to the newest shape, after a copy. `check`: looks through the whole file first
 * (5 ms for 28,000 rows). Throws `StoreVersionError` or `StoreDamagedError`; a damaged database is never replaced by an empty one.
 */
export function openChecked(stateDir: string, options: { readonly check: boolean }): Database {
  const file = join(stateDir, 'sluice.db')
  refuseToBegin(stateDir, file)
  const database = asDamage(stateDir, file, () => openDatabase(file))
  let copied: { readonly step: number; readonly copy: string } | undefined
  try {
    asDamage(stateDir, file, () => {
      if (options.check) quickCheck(database)
      migrate(database, file, (step) => {
        if (!options.check) quickCheck(database)
        copied = { step, copy: backUpBeforeUpgrade(database, stateDir, step, Date.now()) }
        pack(database)
      })
    })
    return database
  } catch (error) {
    // Nothing was changed: one more copy at each start that fails would push out those that are of use.
    if (copied && Number(database.pragma('user_version', { simple: true })) === copied.step)
      rmSync(copied.copy, { force: true })
    database.close()
    throw error
  }
}

/** The key is made after the database: where it is alone, the database was lost, and what the key has sealed with it. */
function refuseToBegin(stateDir: string, file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size || !existsSync(join(stateDir, 'secret.key'))) return
  throw damaged(stateDir, `${file} is ${size === 0 ? 'empty' : 'gone'}`)
}

function quickCheck(database: Database): void {
  const found = String(database.pragma('quick_check(1)', { simple: true }))
  if (found !== 'ok') throw new CheckError(found)
}

/** Files from before step 5 do not keep track of their empty pages. Space that cannot be had now is no reason not to start. */
function pack(database: Database): void {
  if (Number(database.pragma('auto_vacuum', { simple: true })) === INCREMENTAL) return
  try {
    database.pragma('auto_vacuum = incremental')
    database.exec('vacuum')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!/^SQLITE_(FULL|BUSY|LOCKED|IOERR)/.test(code)) throw error
  }
}

class CheckError extends Error {}

function asDamage<T>(stateDir: string, file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const said = error instanceof Error ? error.message : String(error)
    if (error instanceof CheckError || /^SQLITE_(CORRUPT|NOTADB)/.test(code))
      throw damaged(stateDir, `${file} is damaged: ${said}`)
    throw error
  }
}

function damaged(stateDir: string, what: string): StoreDamagedError {
  const backup = newestBackup(stateDir)
  const way =
    backup === undefined
      ? `there is no backup in ${join(stateDir, 'backup')}; restore one from elsewhere (sluice restore FILE --state ${stateDir} --force), or begin with an empty state folder`
      : `the newest backup is ${backup}: sluice restore ${backup} --state ${stateDir} --force`
  return new StoreDamagedError(`${what}; nothing was changed; ${way}`)
}
