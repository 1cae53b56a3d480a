import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stateDatabaseProblem } from '../../app/state-database.ts'
import { daemonOf } from '../../platform/daemon-note.ts'
import { broken, doubtful, fine, type Finding } from './finding.ts'

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
    return broken('state', `${stateDir} cannot be written`, `chown -R ${me ?? 'you'} ${stateDir}`)
  if (me !== undefined && owner !== me)
    return doubtful(
      'state',
      `${stateDir} belongs to user ${owner}, not to ${me}`,
      `chown -R ${me} ${stateDir}`,
    )
  if ((mode & 0o077) !== 0) return doubtful('state', `others may read ${stateDir}`, `chmod 700 ${stateDir}`)
  return fine('state', stateDir)
}

function checkKeys(stateDir: string): Finding[] {
  return PRIVATE.flatMap((name) => {
    const path = join(stateDir, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat || (stat.mode & 0o077) === 0) return []
    return [broken('keys', `others may read ${path}`, `chmod 600 ${path}`)]
  })
}

function checkDatabase(stateDir: string): Finding {
  const file = join(stateDir, 'sluice.db')
  const hasKey = existsSync(join(stateDir, 'secret.key'))
  if (!existsSync(file))
    return hasKey
      ? broken('database', `${file} is gone`, `sluice restore FILE --state ${stateDir} --force`)
      : fine('database', 'will be made at the first start')
  const { problem, backup } = stateDatabaseProblem(stateDir)
  if (problem === undefined) return fine('database', `${file} is sound`)
  const way =
    backup === undefined ? 'restore a backup' : `sluice restore ${backup} --state ${stateDir} --force`
  return broken('database', `${file} is damaged: ${problem}`, way)
}

function checkDaemon(stateDir: string): Finding {
  const daemon = daemonOf(stateDir)
  return fine('daemon', daemon ? `runs as process ${daemon.process.pid}, ${daemon.url}` : 'does not run')
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
