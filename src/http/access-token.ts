import type { User } from '../model/user.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { AccessToken } from '../store/access-tokens.ts'
import type { Store } from '../store/store.ts'
import type { Problem } from './problems.ts'

/** Whoever an access token speaks for, and what it may be used for. */
export interface Bearer {
  readonly user: User
  readonly scopes: AccessToken['scopes']
  readonly token: AccessToken
}

/** An unknown token is answered as none at all; an expired or revoked one is told so (GitLab), and so is a blocked user. */
export function bearerOf(store: Store, token: string | undefined, now: number): Result<Bearer, Problem> {
  const found = token ? store.accessTokens.findByToken(token) : undefined
  if (!found) return err({ kind: 'unauthorized' })
  if (found.revokedAt !== null) return err({ kind: 'token_revoked' })
  if (found.expiresAt !== null && found.expiresAt <= now) return err({ kind: 'token_expired' })
  const user = store.users.find(found.userId)
  if (!user) return err({ kind: 'unauthorized' })
  if (user.blocked) return err({ kind: 'forbidden', reason: 'Your account has been blocked.' })
  return ok({ user, scopes: found.scopes, token: found })
}
