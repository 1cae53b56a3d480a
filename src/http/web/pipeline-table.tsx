import type { Pipeline } from '../../model/pipeline.ts'
import { pipelineStatusWords } from '../status-words.ts'
import { pipelinePath } from '../urls.ts'
import { Moment } from './moment.tsx'
import { StatusBadge } from './status-badge.tsx'

export interface ListedPipeline {
  readonly pipeline: Pipeline
  /** A job that may fail did. */
  readonly warnings: boolean
}

interface PipelineTableProps {
  readonly caption: string
  readonly project: string
  readonly pipelines: readonly ListedPipeline[]
}

export function PipelineTable({ caption, project, pipelines }: PipelineTableProps) {
  return (
    <div class="wide">
      <table aria-label={caption}>
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
                <a href={pipelinePath(project, pipeline.id)}>{`#${pipeline.id}`}</a> {pipeline.name ?? ''}
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
