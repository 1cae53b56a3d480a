import { join, resolve } from 'node:path'
import { cacheFolderOf, cacheHome, stateFolderOf } from '../platform/xdg.ts'

export interface Folders {
  /** Database, logs, artifacts, keys. */
  readonly stateDir: string
  /** Workspaces; below no user's repository. */
  readonly buildsDir: string
  /** Private folders of running jobs, on the same disk. */
  readonly scratchDir: string
  /** Caches of jobs, where no other folder is named. */
  readonly cacheDir: string
}

/** Where the state of a repository or a configuration file lies, unless a folder is named. */
export function foldersOf(owner: string, named: string | undefined, env: NodeJS.ProcessEnv): Folders {
  const stateDir = named === undefined ? stateFolderOf(owner, env) : resolve(named)
  const cache = cacheFolderOf(named === undefined ? owner : stateDir, env)
  return {
    stateDir,
    buildsDir: join(cache, 'builds'),
    scratchDir: join(cache, 'scratch'),
    cacheDir: join(cache, 'cache'),
  }
}

/** Where it is tried how jobs can be isolated, before it is known whose jobs. */
export function probeFolder(env: NodeJS.ProcessEnv): string {
  return join(cacheHome(env), 'sluice', 'probe')
}
