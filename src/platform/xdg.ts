import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, isAbsolute, join, resolve } from 'node:path'

/** `$XDG_CONFIG_HOME`, else `~/.config`; a relative value is ignored as well. */
export function configHome(env: NodeJS.ProcessEnv): string {
  return absolute(env['XDG_CONFIG_HOME']) ?? join(home(env), '.config')
}

/** `$XDG_STATE_HOME`, else `~/.local/state`. XDG Base Directory: a relative value is to be ignored. */
export function stateHome(env: NodeJS.ProcessEnv): string {
  return absolute(env['XDG_STATE_HOME']) ?? join(home(env), '.local', 'state')
}

/** `$XDG_CACHE_HOME`, else `~/.cache`. */
export function cacheHome(env: NodeJS.ProcessEnv): string {
  return absolute(env['XDG_CACHE_HOME']) ?? join(home(env), '.cache')
}

/**
 * The name that stands for a repository or a configuration file in our folders: `<name>-<12 hex digits of the hash of its real
 * path>`, the name made of `[A-Za-z0-9._-]` only and at most 64 characters.
 */
export function folderNameOf(path: string): string {
  const real = realPath(path)
  const name =
    basename(real)
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[-.]+/, '')
      .slice(0, 64) || 'root'
  return `${name}-${createHash('sha256').update(real).digest('hex').slice(0, 12)}`
}

/** Where the database, logs and artifacts of a repository or configuration file lie. */
export function stateFolderOf(path: string, env: NodeJS.ProcessEnv): string {
  return join(stateHome(env), 'sluice', folderNameOf(path))
}

/** Where the workspaces of a repository or configuration file lie: below no user's repository. */
export function cacheFolderOf(path: string, env: NodeJS.ProcessEnv): string {
  return join(cacheHome(env), 'sluice', folderNameOf(path))
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined
}

function home(env: NodeJS.ProcessEnv): string {
  return absolute(env['HOME']) ?? homedir()
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    // What does not exist (yet) has no real path; its written path names it well enough.
    return resolve(path)
  }
}
