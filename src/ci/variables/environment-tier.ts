// GitLab: `Environment#guess_tier`, in its order: `pre-prod` is staging.
const TIERS: readonly (readonly [RegExp, string])[] = [
  [/dev|review|trunk/i, 'development'],
  [/test|tst|int|ac(?:ce)?pt|qa|qc|control|quality/i, 'testing'],
  [/sta?g|mode?l|pre|demo|non/i, 'staging'],
  [/pro?d|live/i, 'production'],
]

/** The tier of an environment whose job names none. */
export function guessTier(name: string): string {
  return TIERS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other'
}
