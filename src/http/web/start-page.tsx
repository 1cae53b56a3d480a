import type { Project } from '../../model/project.ts'
import { Layout, type Frame } from './layout.tsx'
import { Moment } from './moment.tsx'
import { newPipelinePath, pipelinesPath, schedulesPath } from './paths.ts'
import { PipelineTable, type ListedPipeline } from './pipeline-table.tsx'

interface StartPageProps {
  readonly frame: Frame
  readonly projects: readonly {
    readonly project: Project
    /** Newest first. */
    readonly pipelines: readonly ListedPipeline[]
    /** When the next of its schedules runs. */
    readonly nextRunAt: number | null
  }[]
  /** Without trailing slash. */
  readonly externalUrl: string
}

export function StartPage({ frame, projects, externalUrl }: StartPageProps) {
  return (
    <Layout title="Projects" frame={frame} live={{ stream: '/-/events', refresh: false }}>
      <h1>Projects</h1>
      {projects.length === 0 && (
        <p class="quiet">
          No project is served. Name a repository under <code>projects:</code> in{' '}
          <code>runner.config.yaml</code>.
        </p>
      )}
      {projects.map(({ project, pipelines, nextRunAt }) => (
        <section key={project.id} aria-labelledby={`project-${project.id}`}>
          <h2 id={`project-${project.id}`}>
            <a href={pipelinesPath(project.name)}>{project.name}</a>
          </h2>
          <p>
            <a href={newPipelinePath(project.name)}>New pipeline</a>
            {nextRunAt !== null && (
              <>
                {' · '}
                <a href={schedulesPath(project.name)}>Next scheduled run</a> <Moment at={nextRunAt} />
              </>
            )}
          </p>
          {pipelines.length === 0 ? (
            <FirstTrigger project={project} externalUrl={externalUrl} />
          ) : (
            <PipelineTable
              caption={`Newest pipelines of ${project.name}`}
              project={project.name}
              pipelines={pipelines}
            />
          )}
        </section>
      ))}
    </Layout>
  )
}

interface FirstTriggerProps {
  readonly project: Project
  readonly externalUrl: string
}

/** What starts the first pipeline of a project. */
export function FirstTrigger({ project, externalUrl }: FirstTriggerProps) {
  const address = `${externalUrl}/api/v4/projects/${project.id}/trigger/pipeline`
  return (
    <>
      <p class="quiet">No pipeline yet. One of its trigger tokens starts the first:</p>
      <pre>{`curl --request POST --form token=TOKEN --form ref=${project.defaultBranch} ${address}`}</pre>
    </>
  )
}
