import { TRIGGER_VARIABLES, type TriggerVariables } from '../model/project.ts'
import { closest } from '../shared/closest.ts'
import { complain, locationOf, type Report } from './report.ts'
import { readReference, type ReferenceContext } from './reference.ts'
import type { TriggerSettings } from './settings.ts'
import { optional, readChoice, readFields, readItems, readText, required, type Place } from './shape.ts'
import { readInstant, readTriggerLimits } from './trigger-limits.ts'

const KEYS = [
  'description',
  'token',
  'owner',
  'expires_at',
  'allowed_refs',
  'allowed_variables',
  'fixed_variables',
  'allowed_networks',
  'rate_limit',
  'webhook_secret',
] as const

/** What trigger tokens are read with. */
export interface TokenContext extends ReferenceContext {
  readonly usernames: readonly string[]
  /** Tokens so far, over all projects: a token leads to one project. */
  readonly seen: Map<string, Place>
}

/** What `projects[].triggers` says: tokens, and how far their callers choose variables. */
export interface ProjectTriggers {
  readonly tokens: readonly TriggerSettings[]
  /** Null: what the top of the file says. */
  readonly variables: TriggerVariables | null
}

/** `projects[].triggers:`, a list of tokens, or a mapping with `tokens` and `variables`. */
export function readTriggers(
  report: Report,
  place: Place | undefined,
  context: TokenContext,
): ProjectTriggers {
  const fields =
    place?.node.kind === 'mapping' ? readFields(report, place, ['variables', 'tokens']) : undefined
  const tokens = fields ? fields.tokens : place
  return {
    tokens: readItems(report, tokens).flatMap((item) => readTrigger(report, item, context) ?? []),
    variables: optional(report, fields?.variables, null, readTriggerVariables),
  }
}

/** `triggers:` at the top: what holds for projects that say nothing else. */
export function readTriggerDefaults(report: Report, place: Place): TriggerVariables | undefined {
  const fields = readFields(report, place, ['variables'])
  return fields && optional(report, fields.variables, 'any', readTriggerVariables)
}

function readTriggerVariables(report: Report, place: Place): TriggerVariables | undefined {
  return readChoice(report, place, TRIGGER_VARIABLES)
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
  return {
    description,
    token,
    owner,
    expiresAt: optional(report, fields.expires_at, null, readInstant),
    limits: readTriggerLimits(report, fields),
    secret: optional(report, fields.webhook_secret, null, (_, place) => readToken(report, place, context)),
    location: locationOf(report, item.node.span),
  }
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
  return text === undefined ? undefined : readReference(report, place, text, context)
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
