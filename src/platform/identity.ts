import { hostname, userInfo } from 'node:os'
import { runGit } from './git-command.ts'

export interface Identity {
  readonly name: string
  readonly email: string
}

/**
 * Who the person at this machine is: git's `user.name` and `user.email` as they count in `folder` (inside a repository or not),
 * each else made of the operating system's user name. One process; never rejects.
 */
export async function readIdentity(folder: string): Promise<Identity> {
  const command = ['config', '-z', '--get-regexp', '^user\\.(name|email)$']
  const result = await runGit({ place: { kind: 'work-tree', folder }, args: command })
  // `key LF value NUL`; the last of a key wins. git ends with 1 when there is none.
  const entries = result.ok ? result.value.toString().split('\0') : []
  const values = new Map(
    entries.map(
      (entry) => [entry.slice(0, entry.indexOf('\n')), entry.slice(entry.indexOf('\n') + 1)] as const,
    ),
  )
  const login = loginName()
  return {
    name: values.get('user.name') || login,
    email: values.get('user.email') || `${login}@${hostname()}`,
  }
}

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    // A uid without an entry in the user database, as in containers.
    return process.env['USER'] || 'user'
  }
}
