import type { Job } from '../../model/job.ts'
import type { Project } from '../../model/project.ts'
import type { DeploymentRow } from '../../store/deployments.ts'
import type { EnvironmentRow } from '../../store/environments.ts'
import { jobPath } from '../urls.ts'
import { Action, Ask } from './action.tsx'
import { Layout, type Frame } from './layout.tsx'
import { Moment } from './moment.tsx'
import { Pages, type Paging } from './paging.tsx'
import { environmentsPath, pipelinesPath, queryOf } from './paths.ts'

export interface ListedEnvironment {
  readonly environment: EnvironmentRow
  /** Newest first. */
  readonly deployments: readonly { readonly deployment: DeploymentRow; readonly job: Job | undefined }[]
}

interface EnvironmentsPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly environments: readonly ListedEnvironment[]
  readonly paging: Paging
}

export function EnvironmentsPage({ frame, project, environments, paging }: EnvironmentsPageProps) {
  const path = environmentsPath(project.name)
  return (
    <Layout
      title={`Environments · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
    >
      <h1>Environments</h1>
      {environments.length === 0 && (
        <p class="quiet">
          No environment yet. A job with <code>environment:</code> makes the first.
        </p>
      )}
      {environments.map((each) => (
        <Environment key={each.environment.id} project={project} {...each} />
      ))}
      <Pages {...paging} href={(page) => path + queryOf({ page })} />
    </Layout>
  )
}

function Environment({
  project,
  environment,
  deployments,
}: ListedEnvironment & { readonly project: Project }) {
  const { id, name, state, tier, externalUrl, autoStopAt } = environment
  const path = `${environmentsPath(project.name)}/${id}`
  return (
    <section aria-labelledby={`environment-${id}`}>
      <h2 id={`environment-${id}`}>
        {`${name} `}
        <span class={`badge ${state === 'available' ? 'success' : 'canceled'}`}>{state}</span>
      </h2>
      <p>
        {tier}
        {externalUrl !== null && isWebAddress(externalUrl) && (
          <>
            {' · '}
            <a href={externalUrl} rel="noreferrer noopener">
              {externalUrl}
            </a>
          </>
        )}
        {autoStopAt !== null && (
          <>
            {' · stops by itself at '}
            <Moment at={autoStopAt} />
          </>
        )}
      </p>
      <div class="actions">
        {state === 'available' && <Action to={`${path}/stop`} text="Stop" label={`Stop ${name}`} />}
        {state === 'stopping' && (
          <Action
            to={`${path}/stop`}
            text="Force stop"
            label={`Force stop ${name}`}
            fields={{ force: '1' }}
          />
        )}
        {state === 'stopped' && (
          <Ask to={`${path}/delete`} text="Delete" label={`Delete ${name}`} confirm="Delete environment">
            <p>The environment is forgotten with its deployments.</p>
          </Ask>
        )}
      </div>
      {deployments.length > 0 && (
        <div class="wide">
          <table class="even" aria-label={`Deployments to ${name}`}>
            <thead>
              <tr>
                <th scope="col">Deployment</th>
                <th scope="col">Status</th>
                <th scope="col">Ref</th>
                <th scope="col">Job</th>
                <th scope="col">Created</th>
              </tr>
            </thead>
            <tbody>
              {deployments.map(({ deployment, job }) => (
                <tr key={deployment.id}>
                  <th scope="row">{`#${deployment.iid}`}</th>
                  <td>{deployment.status}</td>
                  <td>
                    <code>{deployment.ref}</code> <code>{deployment.sha.slice(0, 8)}</code>
                  </td>
                  <td>{job && <a href={jobPath(project.name, job.id)}>{job.name}</a>}</td>
                  <td>
                    <Moment at={deployment.createdAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

/** A job may name any address; only those of the web become links. */
function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}
