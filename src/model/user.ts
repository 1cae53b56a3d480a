/** The person who owns this machine: made at first start, may do everything. */
export const LOCAL_USER_ID = 1

export interface User {
  readonly id: number
  readonly username: string
  readonly name: string
  readonly email: string
  /** May not do anything, and neither may what runs in his name. */
  readonly blocked?: true
}

export type Role = 'developer' | 'maintainer' | 'owner'
