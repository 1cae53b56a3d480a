import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import type { ProjectVariable } from '../../model/variable.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { StoredVariable } from '../../store/project-variables.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json, NO_CONTENT } from '../reply.ts'
import { projectVariable } from './entities/variable.ts'
import { changedSince, forRole } from './guards.ts'
import { paginated, readPage } from './pagination.ts'
import { paramReader, type ParamReader } from './param-reader.ts'
import { projectRoute } from './route.ts'

// Declared in the configuration, or kept in the state folder; both are listed, only the second kind is changed here.

const TYPES = ['env_var', 'file'] as const

/** `GET /projects/:id/variables` */
export function listVariables(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ page: readPage(params) }),
    forRole(options, 'maintainer', ({ project, params: { page }, sent, path }) => {
      const all = variablesOf(options, project)
      const items = all.slice(page.offset, page.offset + page.limit).map(projectVariable)
      return ok(paginated({ page, items, total: all.length, url: options.externalUrl() + path, sent }))
    }),
  )
}

/** `GET /projects/:id/variables/:key` */
export function showVariable(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    readWanted,
    forRole(options, 'maintainer', ({ project, params }) => {
      const found = findVariable(options, project, params)
      return found.ok ? ok(json(200, projectVariable(found.value))) : found
    }),
  )
}

/** `POST /projects/:id/variables` */
export function createVariable(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      key: params.presentText('key') ?? '',
      value: params.presentText('value') ?? '',
      ...readFields(params),
      hidden: params.flag('masked_and_hidden') ?? false,
    }),
    forRole(options, 'maintainer', ({ project, params }) => {
      const { key, value, hidden, description = null, environmentScope = '*' } = params
      const { raw = false, file = false } = params
      const made = options.engine.projectVariables.create(project.id, {
        key,
        value,
        raw,
        file,
        masked: hidden || (params.masked ?? false),
        hidden,
        protected: params.protected ?? false,
        environmentScope,
        description,
      })
      return made.ok
        ? ok(json(201, projectVariable(made.value)))
        : err({ kind: 'invalid_record', errors: made.error })
    }),
  )
}

/** `PUT /projects/:id/variables/:key` */
export function updateVariable(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      ...readWanted(params),
      changes: {
        ...(params.text('value') === undefined ? {} : { value: params.text('value') ?? '' }),
        ...readFields(params),
      },
    }),
    forRole(options, 'maintainer', ({ project, params }) => {
      const found = findStored(options, project, params)
      if (!found.ok) return found
      const changed = options.engine.projectVariables.update(found.value.id, params.changes)
      if (!changed) return err({ kind: 'not_found', what: 'Variable' })
      return changed.ok
        ? ok(json(200, projectVariable(changed.value)))
        : err({ kind: 'invalid_record', errors: changed.error })
    }),
  )
}

/** `DELETE /projects/:id/variables/:key` */
export function deleteVariable(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    readWanted,
    forRole(options, 'maintainer', ({ project, params, headers }) => {
      const found = findStored(options, project, params)
      if (!found.ok) return found
      if (changedSince(headers, found.value.updatedAt)) return err({ kind: 'precondition_failed' })
      return options.engine.projectVariables.remove(found.value.id)
        ? ok(NO_CONTENT)
        : err({ kind: 'not_found', what: 'Variable' })
    }),
  )
}

interface Wanted {
  readonly key: string
  readonly scope: string | undefined
}

function readWanted(params: ParamReader): Wanted {
  const filter = params.map('filter')
  const inner = paramReader(filter ?? new Map())
  return { key: params.text('key') ?? '', scope: inner.text('environment_scope') }
}

/** What was sent; a missing one stays as it is. */
function readFields(params: ParamReader) {
  const type = params.oneOf('variable_type', TYPES)
  return present({
    protected: params.flag('protected'),
    masked: params.flag('masked'),
    raw: params.flag('raw'),
    file: type === undefined ? undefined : type === 'file',
    environmentScope: params.text('environment_scope'),
    description: params.text('description'),
  })
}

/** Without the members that are undefined. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** Declared ones first, in the order of the configuration; then the others, oldest first. */
function variablesOf(
  { store }: HttpOptions,
  project: Project,
): readonly (ProjectVariable | StoredVariable)[] {
  const declared = project.variables.filter(({ declaredAt }) => declaredAt !== undefined)
  const names = new Set(declared.map(nameOf))
  return [
    ...declared,
    ...store.projectVariables.ofProject(project.id).filter((stored) => !names.has(nameOf(stored))),
  ]
}

function nameOf({ key, environmentScope }: ProjectVariable): string {
  return `${key} ${environmentScope}`
}

function findVariable(
  options: HttpOptions,
  project: Project,
  { key, scope }: Wanted,
): Result<ProjectVariable | StoredVariable, Problem> {
  const found = variablesOf(options, project).filter(
    (each) => each.key === key && (scope === undefined || each.environmentScope === scope),
  )
  const [variable] = found
  if (!variable) return err({ kind: 'not_found', what: 'Variable' })
  if (found.length === 1) return ok(variable)
  return err({
    kind: 'said',
    status: 409,
    text: "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
  })
}

function findStored(options: HttpOptions, project: Project, wanted: Wanted): Result<StoredVariable, Problem> {
  const found = findVariable(options, project, wanted)
  if (!found.ok) return found
  if ('id' in found.value) return ok(found.value)
  const place = found.value.declaredAt ?? 'the configuration'
  return err({
    kind: 'forbidden',
    reason: `${wanted.key} is declared at ${place} and can only be changed there`,
  })
}
