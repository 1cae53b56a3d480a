/** A branch or tag that points elsewhere than when it was last looked at. */
export interface RefChange {
  /** `refs/heads/main` */
  readonly name: string
  /** Null: it is new. */
  readonly from: string | null
  /** Null: it was deleted. */
  readonly to: string | null
  /** How often it had moved before. */
  readonly moves: number
}

/** What is known of a ref; a null sha: it was there, and is gone. */
export interface KnownRef {
  readonly sha: string | null
  readonly moves: number
}
