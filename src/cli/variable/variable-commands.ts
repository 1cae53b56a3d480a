import { readFileSync } from 'node:fs'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import type { CallFailure } from '../daemon/client.ts'
import { done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { tableText } from '../table.ts'
import { terminalText } from '../terminal-text.ts'
import type { ExportFormat } from './export-formats.ts'
import { exportText } from './export-text.ts'

export interface ScopeFlags extends RemoteFlags {
  readonly scope?: string
}

/** What is not given stays as it is, or is GitLab's default in a new variable. */
export interface SetFlags extends ScopeFlags {
  readonly masked?: boolean
  readonly protected?: boolean
  readonly raw?: boolean
  readonly file?: boolean
  readonly hidden?: boolean
  readonly description?: string
}

/** `sluice variable set KEY [VALUE]`: makes a variable or changes it. Without a value, stdin is the value. */
export function variableSet(
  key: string,
  value: string | undefined,
  flags: SetFlags,
  context: CommandContext,
): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const given = value === undefined ? readInput() : ok(value)
    if (!given.ok) return given
    const fields = {
      value: given.value,
      ...present('masked', flags.masked),
      ...present('protected', flags.protected),
      ...present('raw', flags.raw),
      ...(flags.file === undefined ? {} : { variable_type: flags.file ? 'file' : 'env_var' }),
      ...present('description', flags.description),
    }
    const path = `${base}/variables/${encodeURIComponent(key)}`
    const scope = flags.scope ?? '*'
    const query = { 'filter[environment_scope]': scope }
    const known = await client.call(path, { query })
    if (!known.ok && known.error.status !== 404) return known
    const set = known.ok
      ? await client.call(path, { method: 'PUT', query, body: fields })
      : await client.call(`${base}/variables`, {
          method: 'POST',
          body: { key, ...fields, environment_scope: scope, ...present('masked_and_hidden', flags.hidden) },
        })
    if (!set.ok) return err(explained(set.error, flags))
    const text = `${key} is ${known.ok ? 'changed' : 'set'}${scope === '*' ? '' : ` for ${scope}`}\n`
    return done(context, flags, { schema: 1, variable: set.value.body }, text)
  })
}

/** GitLab says only that the value is invalid. */
function explained(error: CallFailure, { masked, hidden }: SetFlags): Failure {
  const [problem] = error.problems
  if (error.status !== 400 || !problem?.message.startsWith('value is invalid') || !(masked || hidden))
    return error
  const help =
    'a value can be masked when it is one line of at least 8 characters without blanks; nothing was saved'
  return { ...error, problems: [{ ...problem, help }] }
}

function present(key: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : { [key]: value }
}

/** All of stdin, without the line feed that a shell or an editor puts at its end. */
function readInput(): Result<string, Failure> {
  try {
    if (!process.stdin.isTTY) return ok(readFileSync(0, 'utf8').replace(/\r?\n$/, ''))
  } catch {
    // Nothing is to be read there.
  }
  return err(
    usageFailure(
      'variable.value',
      'which value?',
      'give it after the key, or on stdin: sluice variable set KEY < file',
    ),
  )
}

/** `sluice variable get KEY`: the value alone. */
export function variableGet(key: string, flags: ScopeFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const found = await client.call(`${base}/variables/${encodeURIComponent(key)}`, {
      query: scopeQuery(flags),
    })
    if (!found.ok) return found
    const { body } = found.value
    if (field(body, 'hidden') === 'true' && !flags.json)
      return err(usageFailure('variable.hidden', `${key} is hidden: its value is for jobs only`))
    return done(context, flags, { schema: 1, variable: body }, `${field(body, 'value')}\n`)
  })
}

/** `sluice variable list`: everything but the values. */
export function variableList(flags: ScopeFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const list = await client.list(`${base}/variables`)
    if (!list.ok) return list
    const variables = list.value.filter((each) => isOfScope(each, flags.scope))
    const rows = variables.map((each) => [
      field(each, 'key'),
      field(each, 'variable_type'),
      field(each, 'environment_scope'),
      marks(each),
      terminalText(field(each, 'description'), false),
      field(each, 'declared_at'),
    ])
    const text =
      rows.length === 0
        ? 'no variables; set one: sluice variable set KEY VALUE\n'
        : tableText(['KEY', 'TYPE', 'SCOPE', 'IS', 'DESCRIPTION', 'DECLARED'], rows)
    const shown = variables.map((each) => ({ ...Object(each), value: undefined }) as unknown)
    return done(context, flags, { schema: 1, variables: shown }, text)
  })
}

function marks(variable: unknown): string {
  return ['protected', 'masked', 'hidden', 'raw']
    .filter((mark) => field(variable, mark) === 'true')
    .join(', ')
}

/** `sluice variable delete KEY` */
export function variableDelete(key: string, flags: ScopeFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const gone = await client.call(`${base}/variables/${encodeURIComponent(key)}`, {
      method: 'DELETE',
      query: scopeQuery(flags),
    })
    return gone.ok ? done(context, flags, { schema: 1, deleted: key }, `${key} is deleted\n`) : gone
  })
}

export interface ExportFlags extends ScopeFlags {
  readonly format: ExportFormat
}

/** `sluice variable export`: keys and values, for a shell or a file. */
export function variableExport(flags: ExportFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const list = await client.list(`${base}/variables`)
    if (!list.ok) return list
    const variables = list.value.filter(
      (each) => isOfScope(each, flags.scope) && field(each, 'hidden') !== 'true',
    )
    const skipped = list.value.length - list.value.filter((each) => field(each, 'hidden') !== 'true').length
    if (skipped > 0) context.err(`notice: ${skipped} hidden left out\n`)
    const format = flags.json ? 'json' : flags.format
    context.out(exportText(variables, format))
    return ok(0)
  })
}

function scopeQuery({ scope }: ScopeFlags): Readonly<Record<string, string | undefined>> {
  return { 'filter[environment_scope]': scope }
}

function isOfScope(variable: unknown, scope: string | undefined): boolean {
  return scope === undefined || field(variable, 'environment_scope') === scope
}
