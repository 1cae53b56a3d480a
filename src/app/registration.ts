import { isAlive, ownIdentity } from '../platform/process-identity.ts'
import { LOCAL_USERNAME } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { Store } from '../store/store.ts'
import type { ServedProject } from './served-project.ts'

/** What a configuration names. */
export interface Declared {
  readonly users: readonly { readonly username: string; readonly name: string; readonly email: string }[]
  readonly projects: readonly ServedProject[]
  /** The configuration that names them. */
  readonly declaredIn?: string | null
}

interface Registered extends Declared {
  readonly now: number
  readonly localUser: { readonly name: string; readonly email: string }
}

export interface Registration extends Registered {
  readonly kind: 'run' | 'serve'
}

/**
 * Brings users, projects, members and declared triggers up to date while the daemon runs. The triggers of a project that is
 * named no more stop working; it keeps its pipelines.
 */
export function registerAgain(store: Store, registered: Registered): void {
  store.write('full', () => putDeclared(store, registered))
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
    putDeclared(store, registration)
    return ok(processId)
  })
}

function putDeclared(store: Store, registered: Registered): void {
  const { projects, now } = registered
  const userIds = putUsers(store, registered)
  for (const served of projects) putProject(store, served, userIds, now)
  const named = new Set(projects.map(({ project }) => project.id))
  for (const id of store.projects.ids()) if (!named.has(id)) store.triggers.withdrawOthers(id, [], now)
}

function putUsers(
  store: Store,
  { localUser, users, declaredIn, now }: Registered,
): ReadonlyMap<string, number> {
  const place = declaredIn ?? ''
  const configured = users.find((user) => user.username === LOCAL_USERNAME)
  store.users.forgetDeclarations()
  // First: the first user of a state folder gets id 1, which is the person at this machine.
  const root = store.users.put(
    { ...localUser, ...configured, username: LOCAL_USERNAME },
    configured ? place : null,
    now,
  )
  const others = users.filter((user) => user.username !== LOCAL_USERNAME)
  return new Map([
    [LOCAL_USERNAME, root],
    ...others.map(
      ({ username, name, email }) =>
        [username, store.users.put({ username, name, email }, place, now)] as const,
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
  const declared = served.triggers.map(({ owner, location, ...trigger }) =>
    store.triggers.declare(
      {
        ...trigger,
        projectId: id,
        ownerId: owner === null ? null : (userIds.get(owner) ?? null),
        declaredAt: location ? `${location.file}:${location.line}` : '',
      },
      now,
    ),
  )
  store.triggers.withdrawOthers(id, declared, now)
}
