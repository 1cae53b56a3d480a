import { closest } from '../../shared/closest.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Client } from '../daemon/client.ts'
import { field } from '../daemon/command.ts'
import { usageFailure, type Failure } from '../failure.ts'

/** A user of the daemon by name or number. */
export async function findUser(client: Client, wanted: string): Promise<Result<unknown, Failure>> {
  const users = await client.list('/users')
  if (!users.ok) return users
  const found =
    users.value.find((user) => field(user, 'username').toLowerCase() === wanted.toLowerCase()) ??
    users.value.find((user) => field(user, 'id') === wanted)
  if (found !== undefined) return ok(found)
  const near = closest(
    wanted,
    users.value.map((user) => field(user, 'username')),
  )
  return err(usageFailure('user.unknown', `there is no user "${wanted}"`, near ? `"${near}" is close` : null))
}
