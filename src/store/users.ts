import type { Role, User } from '../model/user.ts'
import { lazily, type Database } from './database.ts'

export function usersTable(database: Database) {
  const upsert = lazily(() =>
    database.prepare<[string, string, string], { id: number }>(
      `insert into users (username, name, email) values (?, ?, ?)
       on conflict (username) do update set name = excluded.name, email = excluded.email returning id`,
    ),
  )
  const find = lazily(() =>
    database.prepare<[number], User>('select id, username, name, email from users where id = ?'),
  )
  const byName = lazily(() =>
    database.prepare<[string], User>('select id, username, name, email from users where username = ?'),
  )
  const clearRoles = lazily(() =>
    database.prepare<[number]>('delete from project_members where project_id = ?'),
  )
  const grant = lazily(() =>
    database.prepare<[number, number, Role]>(
      'insert into project_members (project_id, user_id, role) values (?, ?, ?)',
    ),
  )
  const role = lazily(() =>
    database.prepare<[number, number], { role: Role }>(
      'select role from project_members where project_id = ? and user_id = ?',
    ),
  )
  return {
    /** Adds a user or brings name and address up to date; returns its id. The first user of a state folder gets id 1. */
    put: (user: Omit<User, 'id'>): number => upsert().get(user.username, user.name, user.email)?.id ?? 0,
    find: (id: number): User | undefined => find().get(id),
    findByName: (username: string): User | undefined => byName().get(username),
    /** Replaces the members of a project by those given. */
    setMembers(
      projectId: number,
      members: readonly { readonly userId: number; readonly role: Role }[],
    ): void {
      clearRoles().run(projectId)
      for (const member of members) grant().run(projectId, member.userId, member.role)
    },
    roleIn: (projectId: number, userId: number): Role | undefined => role().get(projectId, userId)?.role,
  }
}
