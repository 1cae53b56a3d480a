import type { AccessToken } from '../../../store/access-tokens.ts'
import { isoTime } from '../../times.ts'

/** The token itself is known when it is made, and not afterwards. */
export function accessTokenEntity(token: AccessToken, now: number, text?: string) {
  const revoked = token.revokedAt !== null
  return {
    id: token.id,
    name: token.name,
    revoked,
    created_at: isoTime(token.createdAt),
    description: token.description,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: isoTime(token.lastUsedAt),
    active: !revoked && (token.expiresAt === null || token.expiresAt > now),
    // GitLab: a day.
    expires_at: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString().slice(0, 10),
    ...(text === undefined ? {} : { token: text }),
  }
}
