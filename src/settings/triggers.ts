import { readFileSync } from 'node:fs'
import { closest } from '../shared/closest.ts'
import { complain, locationOf, type Report } from './report.ts'
import type { TriggerSettings } from './settings.ts'
import { optional, readFields, readItems, readText, required, type Place } from './shape.ts'

const KEYS = ['description', 'token', 'owner'] as const

/** What trigger tokens are read with. */
export interface TokenContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Makes a path relative to the configuration file absolute. */
  readonly resolve: (path: string) => string
  readonly usernames: readonly string[]
  /** Tokens so far, over all projects: a token leads to one project. */
  readonly seen: Map<string, Place>
}

/** `projects[].triggers:`. */
export function readTriggers(
  report: Report,
  place: Place | undefined,
  context: TokenContext,
): TriggerSettings[] {
  return readItems(report, place).flatMap((item) => readTrigger(report, item, context) ?? [])
}

function readTrigger(report: Report, item: Place, context: TokenContext): TriggerSettings | undefined {
  const fields = readFields(report, item, KEYS)
  if (!fields) return undefined
  const owner = optional(report, fields.owner, null, (_, place) =>
    readOwner(report, place, context.usernames),
  )
  const description = optional(report, fields.description, '', readText)
  const tokenPlace = required(report, item, fields, 'token')
  const token = tokenPlace && readToken(report, tokenPlace, context)
  if (tokenPlace === undefined || token === undefined) return undefined
  checkUnique(report, tokenPlace, token, context.seen)
  return { description, token, owner, location: locationOf(report, item.node.span) }
}

function readOwner(report: Report, place: Place, usernames: readonly string[]): string | undefined {
  const owner = readText(report, place)
  if (owner === undefined || usernames.includes(owner)) return owner
  const near = closest(owner, usernames)
  const help = `${near === undefined ? '' : `did you mean "${near}"? `}users: ${usernames.join(', ')}`
  return complain(report, place.node.span, {
    code: 'unknown_owner',
    message: `${place.path}: there is no user "${owner}"`,
    help,
  })
}

/** A token as written, from the environment (`${NAME}`) or from a file (`file:PATH`, without the line break at its end). */
function readToken(report: Report, place: Place, context: TokenContext): string | undefined {
  const text = readText(report, place)
  if (text === undefined) return undefined
  if (text.startsWith('file:'))
    return readTokenFile(report, place, context.resolve(text.slice('file:'.length)))
  const name = /^\$\{(\w+)\}$/.exec(text)?.[1]
  return name === undefined ? text : context.env[name] || unsetVariable(report, place, name)
}

function unsetVariable(report: Report, place: Place, name: string): undefined {
  const message = `${place.path}: the environment variable ${name} is not set`
  return complain(report, place.node.span, {
    code: 'unset_variable',
    message,
    help: `set ${name} before starting, or use file:PATH`,
  })
}

function readTokenFile(report: Report, place: Place, path: string): string | undefined {
  try {
    const token = readFileSync(path, 'utf8').trim()
    if (token !== '') return token
  } catch {
    return complain(report, place.node.span, {
      code: 'missing_file',
      message: `${place.path}: cannot read ${path}`,
    })
  }
  return complain(report, place.node.span, {
    code: 'missing_file',
    message: `${place.path}: ${path} is empty`,
  })
}

function checkUnique(report: Report, place: Place, token: string, seen: Map<string, Place>): void {
  const earlier = seen.get(token)
  if (earlier) {
    const related = { message: 'first used here', span: earlier.node.span }
    complain(report, place.node.span, {
      code: 'duplicate_token',
      message: `${place.path} is the same token as ${earlier.path}`,
      related,
    })
  }
  seen.set(token, place)
}
