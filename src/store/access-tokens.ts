import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

export interface AccessToken {
  readonly id: number
  readonly userId: number
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

type Row = Omit<AccessToken, 'scopes'> & { readonly scopes: string }

/** Access tokens are kept as fingerprints only; nobody can be shown one again. */
export function accessTokensTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[number, string, Buffer, string, number]>(
      'insert into access_tokens (user_id, name, token_hash, scopes, created_at) values (?, ?, ?, ?, ?)',
    ),
  )
  const byHash = lazily(() =>
    database.prepare<[Buffer], Row>(
      `select id, user_id as userId, name, scopes, expires_at as expiresAt, revoked_at as revokedAt
       from access_tokens where token_hash = ?`,
    ),
  )
  return {
    add: (
      token: {
        readonly userId: number
        readonly name: string
        readonly token: string
        readonly scopes: readonly string[]
      },
      now: number,
    ): number =>
      Number(
        insert().run(token.userId, token.name, seal.fingerprint(token.token), token.scopes.join(' '), now)
          .lastInsertRowid,
      ),
    findByToken(token: string): AccessToken | undefined {
      const row = byHash().get(seal.fingerprint(token))
      return row && { ...row, scopes: row.scopes.split(' ') }
    },
  }
}
