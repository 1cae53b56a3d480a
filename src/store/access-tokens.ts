import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

export interface AccessToken {
  readonly id: number
  readonly userId: number
  readonly name: string
  readonly description: string | null
  readonly scopes: readonly string[]
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

export interface NewAccessToken {
  readonly userId: number
  readonly name: string
  readonly token: string
  readonly scopes: readonly string[]
  readonly description?: string | null
  readonly expiresAt?: number | null
}

type Row = Omit<AccessToken, 'scopes'> & { readonly scopes: string }

const columns = `id, user_id as userId, name, description, scopes, created_at as createdAt, last_used_at as lastUsedAt,
  expires_at as expiresAt, revoked_at as revokedAt`

/** Access tokens are kept as fingerprints only; nobody can be shown one again. */
export function accessTokensTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | Buffer | null>]>(
      `insert into access_tokens (user_id, name, description, token_hash, scopes, created_at, expires_at)
       values (@userId, @name, @description, @tokenHash, @scopes, @now, @expiresAt)`,
    ),
  )
  const byHash = lazily(() =>
    database.prepare<[Buffer], Row>(`select ${columns} from access_tokens where token_hash = ?`),
  )
  const find = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from access_tokens where id = ?`),
  )
  const page = lazily(() =>
    database.prepare<[number | null, number | null, number, number], Row>(
      `select ${columns} from access_tokens where (? is null or user_id = ?) order by id limit ? offset ?`,
    ),
  )
  const count = lazily(() =>
    database.prepare<[number | null, number | null], { total: number }>(
      'select count(*) as total from access_tokens where (? is null or user_id = ?)',
    ),
  )
  const revoke = lazily(() =>
    database.prepare<[number, number]>(
      'update access_tokens set revoked_at = ? where id = ? and revoked_at is null',
    ),
  )
  const used = lazily(() =>
    database.prepare<[number, number]>('update access_tokens set last_used_at = ? where id = ?'),
  )
  return {
    add: (token: NewAccessToken, now: number): number =>
      Number(
        insert().run({
          userId: token.userId,
          name: token.name,
          description: token.description ?? null,
          tokenHash: seal.fingerprint(token.token),
          scopes: token.scopes.join(' '),
          expiresAt: token.expiresAt ?? null,
          now,
        }).lastInsertRowid,
      ),
    findByToken: (token: string): AccessToken | undefined => fromRow(byHash().get(seal.fingerprint(token))),
    find: (id: number): AccessToken | undefined => fromRow(find().get(id)),
    /** Those of a user, or of all; revoked and expired ones too. */
    page(userId: number | null, part: { readonly limit: number; readonly offset: number }) {
      const tokens = page()
        .all(userId, userId, part.limit, part.offset)
        .flatMap((row) => fromRow(row) ?? [])
      return { tokens, total: count().get(userId, userId)?.total ?? 0 }
    },
    /** False when it was revoked before. */
    revoke: (id: number, now: number): boolean => revoke().run(now, id).changes === 1,
    markUsed: (id: number, now: number): void => void used().run(now, id),
  }
}

function fromRow(row: Row | undefined): AccessToken | undefined {
  return row && { ...row, scopes: row.scopes.split(' ') }
}
