/** A trigger token of a project. The token itself is encrypted in the database and found by a keyed hash. */
export interface Trigger {
  readonly id: number
  readonly projectId: number
  readonly description: string
  /** First four characters after `glptt-`. */
  readonly shortToken: string
  /** Null: legacy, it reaches no other project. */
  readonly ownerId: number | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly lastUsedAt: number | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** Since when the configuration that declared it no longer does. */
  readonly withdrawnAt: number | null
}

/** GitLab: the short token is what follows `glptt-`, four characters of it. */
export function shortToken(token: string): string {
  return token.replace(/^.*glptt-/, '').slice(0, 4)
}
