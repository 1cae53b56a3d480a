import { realpathSync } from 'node:fs'
import type { TriggerVariables } from '../model/project.ts'
import { WATCH_ALL } from '../model/watch-rules.ts'
import type { Span } from '../shared/diagnostic.ts'
import { complain, leaveOut, locationOf, type Report } from './report.ts'
import { repositoryKind } from './repository-kind.ts'
import type { Isolation } from '../model/isolation.ts'
import { readIsolation } from './sandbox.ts'
import type { RetentionRules } from '../model/retention.ts'
import { readRetention } from './retention.ts'
import { readSchedules } from './schedules.ts'
import type { ProjectKind, ProjectSettings } from './settings.ts'
import { optional, readFields, readItems, readText, readWholeNumber, required, type Place } from './shape.ts'
import { readTriggers, type TokenContext } from './triggers.ts'
import { readDeclaredVariables } from './variables.ts'
import { readWatch } from './watch.ts'

const KEYS = [
  'id',
  'name',
  'path',
  'default_branch',
  'ci_config_path',
  'variables',
  'triggers',
  'schedules',
  'watch',
  'job_token_allowlist',
  'executor',
  'shell',
  'sandbox',
  'retention',
] as const

/** `projects:`. */
export function readProjects(
  report: Report,
  place: Place | undefined,
  context: ProjectContext,
): ProjectSettings[] {
  const taken: Taken = new Map()
  return readItems(report, place).flatMap((item) => readProject(report, item, context, taken) ?? [])
}

/** What all projects of a file share. */
export interface ProjectContext extends TokenContext {
  readonly triggerVariables: TriggerVariables
  readonly isolation: Isolation
  readonly retention: RetentionRules
}

/** The ids that projects have, whatever else is wrong with them: roles refer to them. */
export function projectIds(place: Place | undefined): number[] {
  const items = place?.node.kind === 'sequence' ? place.node.items : []
  return items.flatMap((item) => {
    const id = item.kind === 'mapping' ? item.entries.get('id')?.value : undefined
    return id?.kind === 'scalar' && typeof id.value === 'number' ? [id.value] : []
  })
}

/** Where each id, name and path was first given; the key has the kind in front. */
type Taken = Map<string, Span>

function readProject(
  report: Report,
  item: Place,
  context: ProjectContext,
  taken: Taken,
): ProjectSettings | undefined {
  const fields = readFields(report, item, KEYS)
  if (!fields) return undefined
  const idPlace = required(report, item, fields, 'id')
  const namePlace = required(report, item, fields, 'name')
  const pathPlace = required(report, item, fields, 'path')
  const id = idPlace && unique(report, idPlace, taken, 'id', readWholeNumber(report, idPlace, 1))
  const name = namePlace && unique(report, namePlace, taken, 'name', readName(report, namePlace))
  const folder = pathPlace && readPath(report, pathPlace, context, taken)
  const triggers = readTriggers(report, fields.triggers, context)
  const schedules = readSchedules(report, fields.schedules, context)
  const rest = {
    defaultBranch: optional(report, fields.default_branch, null, readText),
    configPath: optional(report, fields.ci_config_path, null, readConfigPath),
    variables: optional(report, fields.variables, [], (_, place) =>
      readDeclaredVariables(report, place, 'project', context),
    ),
    triggers: triggers.tokens,
    triggerVariables: triggers.variables ?? context.triggerVariables,
    jobTokenAllowlist: optional(report, fields.job_token_allowlist, null, readNames),
    schedules: schedules.schedules,
    schedulesLeftOut: schedules.someLeftOut,
    watch: optional(report, fields.watch, WATCH_ALL, readWatch),
    isolation: readIsolation(report, fields, context.isolation, context.resolve),
    retention: optional(report, fields.retention, context.retention, (_, place) =>
      readRetention(report, place, context.retention),
    ),
  }
  if (id === undefined || name === undefined || folder === undefined || pathPlace === undefined)
    return undefined
  return { id, name, ...folder, location: locationOf(report, pathPlace.node.span), ...rest }
}

/** GitLab's full path: at least one namespace, and of each part letters, digits, "_", "-" and ".". */
function readName(report: Report, place: Place): string | undefined {
  const name = readText(report, place)
  if (name === undefined || /^\w[\w.-]*(?:\/\w[\w.-]*)+$/.test(name)) return name
  const help = 'letters, digits, "_", "-" and ".", with a slash between namespace and project'
  return complain(report, place.node.span, {
    code: 'invalid_name',
    message: `${place.path} "${name}" is not of the form namespace/project`,
    help,
  })
}

/** Full paths; they may be of projects that other files serve. */
function readNames(report: Report, place: Place): readonly string[] {
  return readItems(report, place).flatMap((item) => readName(report, item) ?? [])
}

/** GitLab's three forms: a path in the repository, `path@group/project` with `:ref` behind it, an address. */
function readConfigPath(report: Report, place: Place): string | undefined {
  const text = readText(report, place)
  if (text === undefined || /^https?:\/\/\S+$/.test(text)) return text
  const path = text.split('@')[0] ?? ''
  const isInner = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (isInner) return text
  return complain(report, place.node.span, {
    code: 'invalid_path',
    message: `${place.path} "${text}" is not a path in the repository`,
    help: 'such as ci/main.yml, main.yml@group/project, main.yml@group/project:ref or https://host/main.yml',
  })
}

function readPath(
  report: Report,
  place: Place,
  context: TokenContext,
  taken: Taken,
): { path: string; kind: ProjectKind } | undefined {
  const text = readText(report, place)
  if (text === undefined) return undefined
  const path = context.resolve(text)
  const kind = repositoryKind(path)
  if (!kind.ok) {
    const help = 'the path of a git repository or of a folder, relative to this file'
    const message = `${place.path} ${path} ${kind.error}`
    leaveOut(report, place.node.span, { code: 'missing_repository', message, help }, 'warning')
  }
  const isAlone = unique(report, place, taken, 'path', kind.ok ? realpathSync(path) : path) !== undefined
  return isAlone ? { path, kind: kind.ok ? kind.value : 'missing' } : undefined
}

/** The value, unless another project has it: then the first one keeps it, and this one is left out. */
function unique<T extends string | number>(
  report: Report,
  place: Place,
  taken: Taken,
  what: string,
  value: T | undefined,
): T | undefined {
  if (value === undefined) return undefined
  const earlier = taken.get(`${what} ${value}`)
  if (earlier) {
    const related = { message: 'first used here', span: earlier }
    return leaveOut(report, place.node.span, {
      code: `duplicate_${what}`,
      message: `${place.path}: another project has the ${what} ${value}`,
      related,
    })
  }
  taken.set(`${what} ${value}`, place.node.span)
  return value
}
