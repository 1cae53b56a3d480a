import { isAlive, ownIdentity } from '../platform/process-identity.ts'
import { LOCAL_USERNAME } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { Store } from '../store/store.ts'
import type { ServedProject } from './served-project.ts'

export interface Registration {
  readonly kind: 'run' | 'serve'
  readonly now: number
  readonly localUser: { readonly name: string; readonly email: string }
  readonly users: readonly { readonly username: string; readonly name: string; readonly email: string }[]
  readonly projects: readonly ServedProject[]
}

/**
 * Writes down who works on this state folder and for whom: the process, users, projects, members and declared triggers, in one
 * transaction. Returns the process's row; an error names the daemon that already serves this folder.
 */
export function register(store: Store, registration: Registration): Result<number, { readonly pid: number }> {
  const { kind, now } = registration
  return store.write(kind === 'serve' ? 'full' : 'normal', () => {
    // Inside the transaction, so that of two daemons that start together only one finds nobody here.
    const other =
      kind === 'serve'
        ? store.processes.unended().find((row) => row.kind === 'serve' && isAlive(row))
        : undefined
    if (other) return err({ pid: other.pid })
    const processId = store.processes.add({ kind, ...ownIdentity() }, now)
    const userIds = putUsers(store, registration)
    for (const served of registration.projects) putProject(store, served, userIds, now)
    return ok(processId)
  })
}

function putUsers(store: Store, { localUser, users }: Registration): ReadonlyMap<string, number> {
  const configured = users.find((user) => user.username === LOCAL_USERNAME)
  // First: the first user of a state folder gets id 1, which is the person at this machine.
  const root = store.users.put({ ...localUser, ...configured, username: LOCAL_USERNAME })
  const others = users.filter((user) => user.username !== LOCAL_USERNAME)
  return new Map([
    [LOCAL_USERNAME, root],
    ...others.map(
      ({ username, name, email }) => [username, store.users.put({ username, name, email })] as const,
    ),
  ])
}

function putProject(
  store: Store,
  served: ServedProject,
  userIds: ReadonlyMap<string, number>,
  now: number,
): void {
  const { id, name, path, defaultBranch } = served.project
  store.projects.put({ id, name, path, defaultBranch }, now)
  const members = [...userIds].flatMap(([username, userId]) => {
    const role = username === LOCAL_USERNAME ? 'owner' : served.members.get(username)
    return role ? [{ userId, role }] : []
  })
  store.users.setMembers(id, members)
  const declared = served.triggers.map(({ description, token, owner }) =>
    store.triggers.declare(
      { projectId: id, ownerId: owner === null ? null : (userIds.get(owner) ?? null), description, token },
      now,
    ),
  )
  store.triggers.withdrawOthers(id, declared, now)
}
