import { LOCAL_USER_ID, type Role, type User } from '../../model/user.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { EngineContext } from '../context.ts'
import { declared, type RegistryRefusal } from './refusal.ts'

/** Users and their roles. What the configuration declares is changed there; only blocking works on every user but the first. */
export interface Users {
  create(user: Pick<User, 'username' | 'name' | 'email'>): Result<User, RegistryRefusal>
  /** A blocked user's tokens, sessions and triggers stop working; so do they again when it is taken back. */
  setBlocked(id: number, blocked: boolean): Result<true, RegistryRefusal>
  grant(member: {
    readonly projectId: number
    readonly userId: number
    readonly role: Role
  }): Result<true, RegistryRefusal>
  /** Takes the role away. */
  withdraw(projectId: number, userId: number): Result<true, RegistryRefusal>
}

export function makeUsers({ store, clock }: Pick<EngineContext, 'store' | 'clock'>): Users {
  /** Undefined when the role may be changed. */
  function fixed(projectId: number, userId: number): RegistryRefusal | undefined {
    if (userId === LOCAL_USER_ID) return { reason: 'invalid', message: 'the first user owns every project' }
    const member = store.users.membersOf(projectId).find((each) => each.userId === userId)
    if (!member?.declared) return undefined
    const user = store.users.all().find(({ id }) => id === userId)
    return declared(`the role of ${user?.username ?? userId}`, user?.declaredAt ?? '')
  }

  return {
    create: (user) =>
      store.write('full', () => {
        const username = user.username.trim()
        if (!/^\w[\w.-]{0,254}$/.test(username)) {
          const message = `Username "${username}" may have letters, digits, "_", "-" and "." only, and begins with a letter, digit or "_"`
          return err({ reason: 'invalid', message })
        }
        if (store.users.findByName(username))
          return err({ reason: 'taken', message: 'Username has already been taken' })
        const id = store.users.put({ ...user, username }, null, clock.now())
        return ok({ ...user, username, id })
      }),
    setBlocked: (id, blocked) =>
      store.write('full', () => {
        if (!store.users.find(id)) return err({ reason: 'not_found', message: `there is no user ${id}` })
        if (id === LOCAL_USER_ID)
          return err({ reason: 'invalid', message: 'the first user cannot be blocked' })
        store.users.setBlocked(id, blocked ? clock.now() : null)
        return ok(true)
      }),
    grant: ({ projectId, userId, role }) =>
      store.write('full', () => {
        if (!store.users.find(userId))
          return err({ reason: 'not_found', message: `there is no user ${userId}` })
        const refusal = fixed(projectId, userId)
        if (refusal) return err(refusal)
        store.users.grant(projectId, userId, role)
        return ok(true)
      }),
    withdraw: (projectId, userId) =>
      store.write('full', () => {
        const refusal = fixed(projectId, userId)
        if (refusal) return err(refusal)
        if (!store.users.removeMember(projectId, userId))
          return err({ reason: 'not_found', message: `user ${userId} is no member` })
        return ok(true)
      }),
  }
}
