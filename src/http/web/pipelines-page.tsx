import type { Project } from '../../model/project.ts'
import { PIPELINE_SOURCES } from '../../model/source.ts'
import { STATUSES } from '../../model/status.ts'
import { Layout, type Frame } from './layout.tsx'
import { Pages, type Paging } from './paging.tsx'
import { newPipelinePath, pipelinesPath, queryOf } from './paths.ts'
import { PipelineTable, type ListedPipeline } from './pipeline-table.tsx'
import { FirstTrigger } from './start-page.tsx'

/** As it stands in the address; empty: everything. */
export interface PipelinesFilter {
  readonly ref: string
  readonly status: string
  readonly source: string
}

interface PipelinesPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly pipelines: readonly ListedPipeline[]
  readonly filter: PipelinesFilter
  readonly paging: Paging
  readonly externalUrl: string
}

export function PipelinesPage(props: PipelinesPageProps) {
  const { frame, project, pipelines, filter, paging } = props
  const filtered = filter.ref + filter.status + filter.source !== ''
  const path = pipelinesPath(project.name)
  return (
    <Layout
      title={`Pipelines · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: path }]}
      live={{ stream: `${path}/events`, refresh: false }}
    >
      <h1>Pipelines</h1>
      <p class="actions">
        <a href={newPipelinePath(project.name)} data-keys="n" title="Key: n">
          New pipeline
        </a>
      </p>
      <FilterForm path={path} filter={filter} />
      {pipelines.length > 0 && (
        <PipelineTable
          caption={`Pipelines of ${project.name}`}
          project={project.name}
          pipelines={pipelines}
        />
      )}
      {pipelines.length === 0 && filtered && <p class="quiet">No pipeline is like that.</p>}
      {pipelines.length === 0 && !filtered && (
        <FirstTrigger project={project} externalUrl={props.externalUrl} />
      )}
      <Pages {...paging} href={(page) => path + queryOf({ ...filter, page })} />
    </Layout>
  )
}

function FilterForm({ path, filter }: { readonly path: string; readonly filter: PipelinesFilter }) {
  return (
    <form class="filter" method="get" action={path} role="search">
      <label>
        Branch or tag <input name="ref" value={filter.ref} data-keys="/" />
      </label>
      <Choice name="status" label="Status" value={filter.status} options={STATUSES} />
      <Choice name="source" label="Source" value={filter.source} options={PIPELINE_SOURCES} />
      <button>Filter</button>
      <a href={path}>All</a>
    </form>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly options: readonly string[]
}

function Choice({ name, label, value, options }: ChoiceProps) {
  return (
    <label>
      {label}{' '}
      <select name={name}>
        <option value="">any</option>
        {options.map((option) => (
          <option key={option} value={option} selected={option === value}>
            {option.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </label>
  )
}
