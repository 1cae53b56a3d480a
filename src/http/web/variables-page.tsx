import type { Project } from '../../model/project.ts'
import type { ProjectVariable } from '../../model/variable.ts'
import type { StoredVariable } from '../../store/project-variables.ts'
import { Ask } from './action.tsx'
import { Layout, type Frame } from './layout.tsx'
import { pipelinesPath, variablesPath } from './paths.ts'
import { VariableForm, type VariableFields } from './variable-form.tsx'

interface VariablesPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly variables: readonly (ProjectVariable | StoredVariable)[]
  /** The form for a new one. */
  readonly fields: VariableFields
  readonly problems: readonly string[]
}

export function VariablesPage({ frame, project, variables, fields, problems }: VariablesPageProps) {
  const path = variablesPath(project.name)
  return (
    <Layout
      title={`Variables · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
    >
      <h1>Variables</h1>
      {variables.length === 0 ? (
        <p class="quiet">
          No variable yet. Jobs of this project see its variables; their values are never shown here.
        </p>
      ) : (
        <div class="wide">
          <table aria-label={`Variables of ${project.name}`}>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Value</th>
                <th scope="col">Environments</th>
                <th scope="col">Attributes</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {variables.map((variable) => (
                <Row key={`${variable.key} ${variable.environmentScope}`} path={path} variable={variable} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <section aria-labelledby="create">
        <h2 id="create">New variable</h2>
        <VariableForm to={path} fields={fields} problems={problems} existing={false} />
      </section>
    </Layout>
  )
}

interface RowProps {
  readonly path: string
  readonly variable: ProjectVariable | StoredVariable
}

function Row({ path, variable }: RowProps) {
  const attributes = [
    variable.file ? 'file' : '',
    variable.masked ? 'masked' : '',
    'hidden' in variable && variable.hidden ? 'hidden' : '',
    variable.protected ? 'protected' : '',
    variable.raw ? 'not expanded' : '',
  ]
  return (
    <tr>
      <th scope="row">
        <code>{variable.key}</code>
        {variable.description && <p class="hint">{variable.description}</p>}
        {variable.declaredAt !== undefined && (
          <p class="hint">{`Declared at ${variable.declaredAt} and changed there.`}</p>
        )}
      </th>
      <td>{variable.value === '' ? 'empty' : '•••••'}</td>
      <td>
        <code>{variable.environmentScope}</code>
      </td>
      <td>{attributes.filter((word) => word !== '').join(', ')}</td>
      <td>
        {'id' in variable && (
          <div class="actions">
            <a href={`${path}/${variable.id}/edit`} aria-label={`Edit ${variable.key}`}>
              Edit
            </a>
            <Ask
              to={`${path}/${variable.id}/delete`}
              text="Delete"
              label={`Delete ${variable.key}`}
              confirm="Delete variable"
            >
              <p>{`Jobs that use ${variable.key} no longer see it.`}</p>
            </Ask>
          </div>
        )}
      </td>
    </tr>
  )
}

interface EditVariablePageProps {
  readonly frame: Frame
  readonly project: Project
  readonly variable: StoredVariable
  readonly fields: VariableFields
  readonly problems: readonly string[]
}

export function EditVariablePage({ frame, project, variable, fields, problems }: EditVariablePageProps) {
  const path = variablesPath(project.name)
  return (
    <Layout
      title={`${variable.key} · Variables · ${project.name}`}
      frame={frame}
      crumbs={[
        { text: project.name, href: pipelinesPath(project.name) },
        { text: 'Variables', href: path },
      ]}
    >
      <h1>{`Edit ${variable.key}`}</h1>
      <VariableForm to={`${path}/${variable.id}`} fields={fields} problems={problems} existing />
    </Layout>
  )
}
