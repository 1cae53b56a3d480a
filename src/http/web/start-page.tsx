import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import { pipelineStatusWords } from '../status-words.ts'
import { pipelinePath } from '../urls.ts'
import { Layout } from './layout.tsx'
import { Moment } from './moment.tsx'
import { StatusBadge } from './status-badge.tsx'

interface StartPageProps {
  readonly projects: readonly {
    readonly project: Project
    /** Newest first. */
    readonly pipelines: readonly { readonly pipeline: Pipeline; readonly warnings: boolean }[]
  }[]
  /** Without trailing slash. */
  readonly externalUrl: string
}

export function StartPage({ projects, externalUrl }: StartPageProps) {
  return (
    <Layout title="Projects">
      <h1>Projects</h1>
      {projects.length === 0 && (
        <p class="quiet">
          No project is served. Name a repository under <code>projects:</code> in{' '}
          <code>runner.config.yaml</code>.
        </p>
      )}
      {projects.map(({ project, pipelines }) => (
        <section key={project.id} aria-labelledby={`project-${project.id}`}>
          <h2 id={`project-${project.id}`}>{project.name}</h2>
          {pipelines.length === 0 ? (
            <FirstTrigger project={project} externalUrl={externalUrl} />
          ) : (
            <PipelineTable project={project} pipelines={pipelines} />
          )}
        </section>
      ))}
    </Layout>
  )
}

function PipelineTable({ project, pipelines }: StartPageProps['projects'][number]) {
  return (
    <div class="wide">
      <table aria-label={`Newest pipelines of ${project.name}`}>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Pipeline</th>
            <th scope="col">Ref</th>
            <th scope="col">Commit</th>
            <th scope="col">Source</th>
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {pipelines.map(({ pipeline, warnings }) => (
            <tr key={pipeline.id}>
              <td>
                <StatusBadge words={pipelineStatusWords(pipeline.status, warnings)} />
              </td>
              <th scope="row">
                <a href={pipelinePath(project.name, pipeline.id)}>{`#${pipeline.id}`}</a>{' '}
                {pipeline.name ?? ''}
              </th>
              <td>
                <code>{pipeline.ref}</code>
              </td>
              <td>
                <code>{pipeline.sha.slice(0, 8)}</code>
              </td>
              <td>{pipeline.source}</td>
              <td>
                <Moment at={pipeline.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function FirstTrigger({ project, externalUrl }: { readonly project: Project; readonly externalUrl: string }) {
  const address = `${externalUrl}/api/v4/projects/${project.id}/trigger/pipeline`
  return (
    <>
      <p class="quiet">No pipeline yet. One of its trigger tokens starts the first:</p>
      <pre>{`curl --request POST --form token=TOKEN --form ref=${project.defaultBranch} ${address}`}</pre>
    </>
  )
}
