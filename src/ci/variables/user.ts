import type { User } from '../../model/user.ts'
import { variable, type Variable } from '../../model/variable.ts'

/** `GITLAB_USER_*`: who started the pipeline. */
export function userVariables(user: User): Variable[] {
  return [
    variable('GITLAB_USER_ID', String(user.id), 'user'),
    variable('GITLAB_USER_EMAIL', user.email, 'user'),
    variable('GITLAB_USER_LOGIN', user.username, 'user'),
    variable('GITLAB_USER_NAME', user.name, 'user'),
  ]
}
