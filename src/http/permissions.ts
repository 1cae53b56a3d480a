import { LOCAL_USER_ID, type Role } from '../model/user.ts'
import type { Store } from '../store/store.ts'

/** GitLab: every member may read. The person who owns the machine is a member of everything. */
export function mayRead(store: Store, userId: number, projectId: number): boolean {
  return roleOf(store, userId, projectId) !== undefined
}

/** GitLab: the variables of any pipeline are for maintainers. */
export function mayMaintain(store: Store, userId: number, projectId: number): boolean {
  const role = roleOf(store, userId, projectId)
  return role === 'maintainer' || role === 'owner'
}

/** GitLab: each role may what those before it may. */
export function hasRole(store: Store, userId: number, projectId: number, least: Role): boolean {
  const role = roleOf(store, userId, projectId)
  return role !== undefined && RANKS.indexOf(role) >= RANKS.indexOf(least)
}

const RANKS: readonly Role[] = ['developer', 'maintainer', 'owner']

function roleOf(store: Store, userId: number, projectId: number): Role | undefined {
  return userId === LOCAL_USER_ID ? 'owner' : store.users.roleIn(projectId, userId)
}
