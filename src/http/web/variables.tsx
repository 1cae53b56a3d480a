import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import type { ProjectVariable } from '../../model/variable.ts'
import type { VariableErrors } from '../../pipeline/registry/project-variables.ts'
import type { StoredVariable } from '../../store/project-variables.ts'
import type { Store } from '../../store/store.ts'
import type { Reply } from '../reply.ts'
import type { Form } from './form.ts'
import { html } from './html-reply.ts'
import {
  done,
  failed,
  projectRoute,
  type Outcome,
  type ProjectVisit,
  type WebContext,
} from './page-route.tsx'
import { variablesPath } from './paths.ts'
import { EMPTY_VARIABLE, type VariableFields } from './variable-form.tsx'
import { EditVariablePage, VariablesPage } from './variables-page.tsx'

/** `/-/variables`. Values are not shown, and stand in no form. */
export function variablesPage(context: WebContext): RequestHandler {
  return projectRoute(context, (visit) => list(context, visit, EMPTY_VARIABLE, []), 'maintainer')
}

/** `POST /-/variables` */
export function createVariable(context: WebContext): RequestHandler {
  const { engine } = context.options
  return projectRoute(
    context,
    (visit): Reply | Outcome => {
      const { project, form } = visit
      const fields = fieldsOf(form)
      const { description, masked, hidden } = fields
      const made = engine.projectVariables.create(project.id, {
        ...fields,
        masked: masked || hidden,
        description: description === '' ? null : description,
      })
      if (!made.ok) return list(context, visit, { ...fields, value: '' }, problemsOf(made.error))
      return done(variablesPath(project.name), `The variable ${made.value.key} was made.`)
    },
    'maintainer',
  )
}

/** `/-/variables/:id/edit` */
export function editVariablePage(context: WebContext): RequestHandler {
  return variableRoute(context, (visit, variable) => edit(visit, variable, shownFields(variable), []))
}

/** `POST /-/variables/:id` */
export function updateVariable(context: WebContext): RequestHandler {
  const { engine } = context.options
  return variableRoute(context, (visit, variable) => {
    const { key: _key, hidden: _hidden, value, description, ...fields } = fieldsOf(visit.form)
    const changed = engine.projectVariables.update(variable.id, {
      ...fields,
      description: description === '' ? null : description,
      ...(value === '' ? {} : { value }),
    })
    if (!changed) return undefined
    if (!changed.ok) {
      const shown = { ...shownFields(variable), ...fields, description }
      return edit(visit, variable, shown, problemsOf(changed.error))
    }
    return done(variablesPath(visit.project.name), `The variable ${variable.key} was saved.`)
  })
}

/** `POST /-/variables/:id/delete` */
export function deleteVariable(context: WebContext): RequestHandler {
  const { engine } = context.options
  return variableRoute(context, ({ project }, variable) => {
    const here = variablesPath(project.name)
    return engine.projectVariables.remove(variable.id)
      ? done(here, `The variable ${variable.key} was deleted.`)
      : failed(here, `The variable ${variable.key} was deleted before.`)
  })
}

/** Of declared variables there is no number: the configuration alone changes them. */
function variableRoute(
  context: WebContext,
  act: (visit: ProjectVisit, variable: StoredVariable) => Reply | Outcome | undefined,
): RequestHandler {
  const { store } = context.options
  return projectRoute(
    context,
    (visit) => {
      const variable = store.projectVariables.find(visit.id)
      return variable?.projectId === visit.project.id ? act(visit, variable) : undefined
    },
    'maintainer',
  )
}

function list(
  { options }: WebContext,
  { frame, project }: ProjectVisit,
  fields: VariableFields,
  problems: readonly string[],
): Reply {
  const page = (
    <VariablesPage
      frame={frame}
      project={project}
      variables={allOf(options.store, project)}
      fields={fields}
      problems={problems}
    />
  )
  return html(problems.length > 0 ? 422 : 200, { page, nonce: null })
}

function edit(
  { frame, project }: ProjectVisit,
  variable: StoredVariable,
  fields: VariableFields,
  problems: readonly string[],
): Reply {
  const page = (
    <EditVariablePage
      frame={frame}
      project={project}
      variable={variable}
      fields={fields}
      problems={problems}
    />
  )
  return html(problems.length > 0 ? 422 : 200, { page, nonce: null })
}

/** Declared ones first; they hide stored ones of the same name. */
function allOf(store: Store, { id, variables }: Project): (ProjectVariable | StoredVariable)[] {
  const nameOf = ({ key, environmentScope }: ProjectVariable): string => `${key} ${environmentScope}`
  const declared = variables.filter(({ declaredAt }) => declaredAt !== undefined)
  const names = new Set(declared.map(nameOf))
  return [...declared, ...store.projectVariables.ofProject(id).filter((each) => !names.has(nameOf(each)))]
}

function shownFields(variable: StoredVariable): VariableFields {
  return { ...variable, value: '', description: variable.description ?? '' }
}

function fieldsOf(form: Form): VariableFields {
  return {
    key: form.text('key') ?? '',
    value: form.text('value') ?? '',
    description: form.text('description') ?? '',
    environmentScope: form.text('environment_scope') ?? '*',
    file: form.flag('file'),
    masked: form.flag('masked'),
    hidden: form.flag('hidden'),
    protected: form.flag('protected'),
    raw: form.flag('raw'),
  }
}

/** As Rails writes a model's messages: the field's name, and what is wrong with it. */
function problemsOf(errors: VariableErrors): string[] {
  return Object.entries(errors).flatMap(([field, messages]) =>
    messages.map((message) => (field === 'base' ? message : `${capitalized(field)} ${message}`)),
  )
}

function capitalized(field: string): string {
  const words = field.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
