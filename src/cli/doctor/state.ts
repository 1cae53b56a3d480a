import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backupToRestore, lookAtDatabase } from '../../app/state-database.ts'
import { daemonOf } from '../../platform/daemon-note.ts'
import { broken, doubtful, fine, typed, type Finding } from './finding.ts'

const PRIVATE = ['secret.key', 'access-token']

/** The state folder, its keys and its database; a folder that is not there yet must be possible. */
export function checkState(stateDir: string): Finding[] {
  const stat = statSync(stateDir, { throwIfNoEntry: false })
  if (!stat) return [checkParent(stateDir)]
  if (!stat.isDirectory())
    return [broken('state', `${stateDir} is no folder`, 'choose another with --state DIR')]
  return [
    checkFolder(stateDir, stat.mode, stat.uid),
    ...checkKeys(stateDir),
    checkDatabase(stateDir),
    checkDaemon(stateDir),
  ]
}

function checkParent(stateDir: string): Finding {
  let folder = dirname(stateDir)
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder)
  if (isWritable(folder)) return fine('state', `${stateDir} will be made at the first start`)
  return broken(
    'state',
    `${stateDir} cannot be made: ${folder} cannot be written`,
    'choose another with --state DIR',
  )
}

function checkFolder(stateDir: string, mode: number, owner: number): Finding {
  const me = process.getuid?.()
  if (!isWritable(stateDir))
    return broken('state', `${stateDir} cannot be written`, `chown -R ${me ?? 'you'} ${typed(stateDir)}`)
  if (me !== undefined && owner !== me)
    return doubtful(
      'state',
      `${stateDir} belongs to user ${owner}, not to ${me}`,
      // Root may use it all the same, and must not take it away from the daemon's user.
      me === 0 ? `look as that user: sudo -u '#${owner}' sluice doctor` : `chown -R ${me} ${typed(stateDir)}`,
    )
  if ((mode & 0o077) !== 0)
    return doubtful('state', `others may read ${stateDir}`, `chmod 700 ${typed(stateDir)}`)
  return fine('state', stateDir)
}

function checkKeys(stateDir: string): Finding[] {
  return PRIVATE.flatMap((name) => {
    const path = join(stateDir, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat) return []
    if (!isAllowed(path, constants.R_OK)) return [ofAnother('keys', path)]
    if ((stat.mode & 0o077) === 0) return []
    return [broken('keys', `others may read ${path}`, `chmod 600 ${typed(path)}`)]
  })
}

function checkDatabase(stateDir: string): Finding {
  const file = join(stateDir, 'sluice.db')
  const hasKey = existsSync(join(stateDir, 'secret.key'))
  if (!existsSync(file)) {
    if (!hasKey) return fine('database', 'will be made at the first start')
    return broken('database', `${file} is gone`, wayBack(stateDir, backupToRestore(stateDir)))
  }
  if (!isAllowed(file, constants.R_OK | constants.W_OK)) return ofAnother('database', file)
  const { problem, backup } = lookAtDatabase(stateDir)
  return problem === undefined
    ? fine('database', `${file} is sound`)
    : broken('database', `${file}: ${problem}`, wayBack(stateDir, backup))
}

function wayBack(stateDir: string, backup: string | undefined): string {
  const command = `sluice restore ${backup === undefined ? 'FILE' : typed(backup)} --state ${typed(stateDir)} --force`
  return backup === undefined ? `${command}, where FILE is a backup that lies elsewhere` : command
}

/** Left by a start with the rights of somebody else. */
function ofAnother(check: string, path: string): Finding {
  const me = process.getuid?.() ?? 'you'
  return broken(check, `${path} belongs to somebody else and cannot be used`, `chown ${me} ${typed(path)}`)
}

function checkDaemon(stateDir: string): Finding {
  const daemon = daemonOf(stateDir)
  return fine('daemon', daemon ? `runs as process ${daemon.process.pid}, ${daemon.url}` : 'does not run')
}

function isWritable(folder: string): boolean {
  return isAllowed(folder, constants.W_OK | constants.X_OK)
}

function isAllowed(path: string, rights: number): boolean {
  try {
    accessSync(path, rights)
    return true
  } catch {
    return false
  }
}
