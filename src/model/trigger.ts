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
  /** `FILE:LINE` of the configuration that declares it; null: made through API, page or command. */
  readonly declaredAt: string | null
  readonly limits: TriggerLimits
  /** Every request must prove that it knows the trigger's secret. */
  readonly signed: boolean
}

/** How far a token goes beyond GitLab's rules. In every pattern `*` stands for any characters. */
export interface TriggerLimits {
  /** Patterns of short ref names; null: any ref. */
  readonly allowedRefs: readonly string[] | null
  /** What a caller may set, each with patterns of its values; null: anything. */
  readonly allowedVariables: readonly { readonly key: string; readonly values: readonly string[] }[] | null
  /** Variables that every run gets; a caller may not give another value. */
  readonly fixedVariables: readonly { readonly key: string; readonly value: string }[]
  /** Addresses and ranges (`10.0.0.0/8`) that requests may come from; null: any. */
  readonly allowedNetworks: readonly string[] | null
  /** Requests a minute, from loopback too; null: as many as the server takes. */
  readonly rateLimit: number | null
}

export const NO_TRIGGER_LIMITS: TriggerLimits = {
  allowedRefs: null,
  allowedVariables: null,
  fixedVariables: [],
  allowedNetworks: null,
  rateLimit: null,
}

/** GitLab: the short token is what follows `glptt-`, four characters of it. */
export function shortToken(token: string): string {
  return token.replace(/^.*glptt-/, '').slice(0, 4)
}
