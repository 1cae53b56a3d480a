import type { Role, User } from '../model/user.ts'
import { lazily, type Database } from './database.ts'

interface Row {
  readonly id: number
  readonly username: string
  readonly name: string
  readonly email: string
  readonly blockedAt: number | null
}

/** What is kept of a user beyond what others see. */
export interface Account extends User {
  readonly createdAt: number
  /** Where the configuration names the user; null: made by command or API. */
  readonly declaredAt: string | null
}

export interface Member {
  readonly userId: number
  readonly role: Role
  /** The configuration gives the role. */
  readonly declared: boolean
}

const columns = 'id, username, name, email, blocked_at as blockedAt'

export function usersTable(database: Database) {
  const upsert = lazily(() =>
    database.prepare<[string, string, string, number, string | null], { id: number }>(
      `insert into users (username, name, email, created_at, declared_at) values (?, ?, ?, ?, ?)
       on conflict (username) do update set name = excluded.name, email = excluded.email, declared_at = excluded.declared_at
       returning id`,
    ),
  )
  const find = lazily(() => database.prepare<[number], Row>(`select ${columns} from users where id = ?`))
  const byName = lazily(() =>
    database.prepare<[string], Row>(`select ${columns} from users where username = ? collate nocase`),
  )
  const accounts = lazily(() =>
    database.prepare<[], Row & { createdAt: number; declaredAt: string | null }>(
      `select ${columns}, created_at as createdAt, declared_at as declaredAt from users order by id`,
    ),
  )
  const block = lazily(() =>
    database.prepare<[number | null, number]>('update users set blocked_at = ? where id = ?'),
  )
  const clearRoles = lazily(() =>
    database.prepare<[number]>('delete from project_members where project_id = ? and declared = 1'),
  )
  const undeclare = lazily(() =>
    database.prepare<[]>('update users set declared_at = null where declared_at is not null'),
  )
  const grant = lazily(() =>
    database.prepare<[number, number, Role, number]>(
      `insert into project_members (project_id, user_id, role, declared) values (?, ?, ?, ?)
       on conflict (project_id, user_id) do update set role = excluded.role, declared = excluded.declared`,
    ),
  )
  const revoke = lazily(() =>
    database.prepare<[number, number]>('delete from project_members where project_id = ? and user_id = ?'),
  )
  const roleOf = lazily(() =>
    database.prepare<[number, number], { role: Role }>(
      `select role from project_members join users on users.id = user_id
       where project_id = ? and user_id = ? and blocked_at is null`,
    ),
  )
  const membersOf = lazily(() =>
    database.prepare<[number], { userId: number; role: Role; declared: number }>(
      'select user_id as userId, role, declared from project_members where project_id = ? order by user_id',
    ),
  )
  return {
    /**
     * Adds a user or brings name and address up to date; returns its id. The first user of a state folder gets id 1.
     * `declaredAt` says where the configuration names it.
     */
    put: (user: Omit<User, 'id' | 'blocked'>, declaredAt: string | null = null, now = 0): number =>
      upsert().get(user.username, user.name, user.email, now, declaredAt)?.id ?? 0,
    find: (id: number): User | undefined => fromRow(find().get(id)),
    /** GitLab: names are compared without regard to case. */
    findByName: (username: string): User | undefined => fromRow(byName().get(username)),
    all: (): Account[] =>
      accounts()
        .all()
        .flatMap(({ createdAt, declaredAt, ...row }) => {
          const user = fromRow(row)
          return user ? [{ ...user, createdAt, declaredAt }] : []
        }),
    setBlocked: (id: number, blockedAt: number | null): void => void block().run(blockedAt, id),
    /** Before a start declares them again. */
    forgetDeclarations: (): void => void undeclare().run(),
    /** Replaces the members of a project that the configuration gave it by those given; roles granted otherwise stay. */
    setMembers(
      projectId: number,
      members: readonly { readonly userId: number; readonly role: Role }[],
    ): void {
      clearRoles().run(projectId)
      for (const member of members) grant().run(projectId, member.userId, member.role, 1)
    },
    grant: (projectId: number, userId: number, role: Role): void =>
      void grant().run(projectId, userId, role, 0),
    /** False when there was no such member. */
    removeMember: (projectId: number, userId: number): boolean =>
      revoke().run(projectId, userId).changes === 1,
    membersOf: (projectId: number): Member[] =>
      membersOf()
        .all(projectId)
        .map((row) => ({ ...row, declared: row.declared === 1 })),
    /** None for a user who is blocked. */
    roleIn: (projectId: number, userId: number): Role | undefined => roleOf().get(projectId, userId)?.role,
  }
}

function fromRow(row: Row | undefined): User | undefined {
  if (!row) return undefined
  const { blockedAt, ...user } = row
  return blockedAt === null ? user : { ...user, blocked: true }
}
