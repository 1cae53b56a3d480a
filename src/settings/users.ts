import type { Role } from '../model/user.ts'
import { complain, type Report } from './report.ts'
import type { UserSettings } from './settings.ts'
import {
  optional,
  readChoice,
  readFields,
  readItems,
  readMapping,
  readText,
  required,
  type Place,
} from './shape.ts'

const KEYS = ['username', 'name', 'email', 'projects'] as const
const ROLES: readonly Role[] = ['developer', 'maintainer', 'owner']

/** `users:`. `projectIds` are the ids that a role may be for. */
export function readUsers(
  report: Report,
  place: Place | undefined,
  projectIds: readonly number[],
): UserSettings[] {
  const seen = new Map<string, Place>()
  return readItems(report, place).flatMap((item) => readUser(report, item, projectIds, seen) ?? [])
}

function readUser(
  report: Report,
  item: Place,
  projectIds: readonly number[],
  seen: Map<string, Place>,
): UserSettings | undefined {
  const fields = readFields(report, item, KEYS)
  if (!fields) return undefined
  const projects = optional(report, fields.projects, new Map<number, Role>(), (_, place) =>
    readRoles(report, place, projectIds),
  )
  const usernamePlace = required(report, item, fields, 'username')
  const username = usernamePlace && readText(report, usernamePlace)
  if (usernamePlace === undefined || username === undefined) return undefined
  const earlier = seen.get(username)
  if (earlier) {
    const related = { message: 'first named here', span: earlier.node.span }
    complain(report, usernamePlace.node.span, {
      code: 'duplicate_user',
      message: `there is already a user "${username}"`,
      related,
    })
  }
  seen.set(username, usernamePlace)
  return {
    username,
    name: optional(report, fields.name, username, readText),
    email: optional(report, fields.email, '', readText),
    projects,
  }
}

function readRoles(report: Report, place: Place, projectIds: readonly number[]): ReadonlyMap<number, Role> {
  const roles = new Map<number, Role>()
  for (const { key, value } of readMapping(report, place)?.entries.values() ?? []) {
    const id = Number(key.text)
    if (projectIds.includes(id)) {
      const role = readChoice(report, { node: value, path: `${place.path}.${key.text}` }, ROLES)
      if (role !== undefined) roles.set(id, role)
    } else {
      const help =
        projectIds.length > 0 ? `ids in this file: ${projectIds.join(', ')}` : 'this file has no projects'
      complain(report, key.span, {
        code: 'unknown_project',
        message: `${place.path} names project ${key.text}, which does not exist`,
        help,
      })
    }
  }
  return roles
}
