/** What a push asks for beside its commits: `git push -o ci.skip -o ci.variable="K=V"`. */
export interface PushOptions {
  /** `ci.skip`: a pipeline is made and nothing of it runs. */
  readonly skip: boolean
  readonly variables: readonly { readonly key: string; readonly value: string }[]
  readonly inputs: Readonly<Record<string, unknown>>
}

/** A push without options. */
export const NO_PUSH_OPTIONS: PushOptions = { skip: false, variables: [], inputs: {} }
