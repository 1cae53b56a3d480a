import { randomToken } from '../../platform/random.ts'
import type { AccessToken } from '../../store/access-tokens.ts'
import type { EngineContext } from '../context.ts'

/** GitLab: `glpat-` and 20 characters. */
const TOKEN_BYTES = 15
/** GitLab does not write down every use of a token. */
const USE_INTERVAL_MS = 10 * 60_000

export const TOKEN_SCOPES = ['api', 'read_api', 'read_user', 'sudo'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** Personal access tokens. The token itself is known when it is made and never again. */
export interface AccessTokens {
  create(token: {
    readonly userId: number
    readonly name: string
    readonly description?: string | null
    readonly scopes: readonly TokenScope[]
    /** Milliseconds since the epoch; null: it does not expire. */
    readonly expiresAt: number | null
  }): { readonly id: number; readonly token: string }
  /** False when it was revoked before, or there is none. */
  revoke(id: number): boolean
  /** Revokes a token and makes its successor; undefined when it was revoked before. */
  rotate(
    token: AccessToken,
    expiresAt: number | null,
  ): { readonly id: number; readonly token: string } | undefined
  /** Notes the use of a token, now and then. */
  used(token: AccessToken): void
}

export function makeAccessTokens({ store, clock }: Pick<EngineContext, 'store' | 'clock'>): AccessTokens {
  function add(token: Omit<AccessToken, 'id' | 'createdAt' | 'lastUsedAt' | 'revokedAt'>) {
    const text = randomToken('glpat-', TOKEN_BYTES)
    return { id: store.accessTokens.add({ ...token, token: text }, clock.now()), token: text }
  }
  return {
    create: (token) => store.write('full', () => add({ description: null, ...token })),
    revoke: (id) => store.write('full', () => store.accessTokens.revoke(id, clock.now())),
    rotate: (token, expiresAt) =>
      store.write('full', () =>
        store.accessTokens.revoke(token.id, clock.now()) ? add({ ...token, expiresAt }) : undefined,
      ),
    used(token) {
      if (token.lastUsedAt !== null && clock.now() - token.lastUsedAt < USE_INTERVAL_MS) return
      store.write('normal', () => store.accessTokens.markUsed(token.id, clock.now()))
    },
  }
}
