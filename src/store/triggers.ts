import { shortToken, type Trigger } from '../model/trigger.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

const columns = `id, project_id as projectId, owner_id as ownerId, description, short_token as shortToken,
  created_at as createdAt, updated_at as updatedAt, last_used_at as lastUsedAt, expires_at as expiresAt, revoked_at as revokedAt,
  withdrawn_at as withdrawnAt`

export interface NewTrigger {
  readonly projectId: number
  readonly ownerId: number | null
  readonly description: string
  readonly token: string
}

export function triggersTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[number, number | null, string, Buffer, Buffer, string, number, number]>(
      `insert into triggers (project_id, owner_id, description, token_hash, token_sealed, short_token, created_at, updated_at)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  )
  const refresh = lazily(() =>
    database.prepare<[number, number | null, string, number, number]>(
      `update triggers set project_id = ?, owner_id = ?, description = ?, updated_at = ?, declared = 1, withdrawn_at = null where id = ?`,
    ),
  )
  const byHash = lazily(() =>
    database.prepare<[Buffer], Trigger>(`select ${columns} from triggers where token_hash = ?`),
  )
  const find = lazily(() =>
    database.prepare<[number], Trigger>(`select ${columns} from triggers where id = ?`),
  )
  const markDeclared = lazily(() =>
    database.prepare<[number]>('update triggers set declared = 1 where id = ?'),
  )
  const declared = lazily(() =>
    database.prepare<[number], { id: number }>(
      'select id from triggers where project_id = ? and declared = 1 and withdrawn_at is null',
    ),
  )
  const withdraw = lazily(() =>
    database.prepare<[number, number]>('update triggers set withdrawn_at = ? where id = ?'),
  )
  const used = lazily(() =>
    database.prepare<[number, number]>('update triggers set last_used_at = ? where id = ?'),
  )
  return {
    /** Whose token this is: expired and revoked ones too, so that the caller can tell the true reason. */
    findByToken: (token: string): Trigger | undefined => byHash().get(seal.fingerprint(token)),
    find: (id: number): Trigger | undefined => find().get(id),
    /**
     * Adds a trigger declared in a configuration file, or brings its words up to date: it is the same trigger as long as its
     * token is. A revoked one stays revoked; one that was taken out of the file and comes back counts again. Returns its id.
     */
    declare(trigger: NewTrigger, now: number): number {
      const known = byHash().get(seal.fingerprint(trigger.token))
      if (!known) {
        const id = this.add(trigger, now)
        markDeclared().run(id)
        return id
      }
      const same =
        known.withdrawnAt === null &&
        known.projectId === trigger.projectId &&
        known.ownerId === trigger.ownerId &&
        known.description === trigger.description
      if (!same) refresh().run(trigger.projectId, trigger.ownerId, trigger.description, now, known.id)
      return known.id
    },
    /** Ends the declared triggers of a project that its file no longer names. */
    withdrawOthers(projectId: number, stillDeclared: readonly number[], now: number): void {
      for (const { id } of declared().all(projectId)) if (!stillDeclared.includes(id)) withdraw().run(now, id)
    },
    add: (trigger: NewTrigger, now: number): number =>
      Number(
        insert().run(
          trigger.projectId,
          trigger.ownerId,
          trigger.description,
          seal.fingerprint(trigger.token),
          seal.seal(trigger.token),
          shortToken(trigger.token),
          now,
          now,
        ).lastInsertRowid,
      ),
    markUsed: (id: number, now: number): void => void used().run(now, id),
  }
}
