import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import type { Trigger } from '../../model/trigger.ts'
import type { TriggerRequestRow } from '../../store/trigger-requests.ts'
import { pipelinePath } from '../urls.ts'
import { Action } from './action.tsx'
import { Layout, type Frame } from './layout.tsx'
import { Moment } from './moment.tsx'
import { Pages, type Paging } from './paging.tsx'
import { deliveriesPath, pipelinesPath, queryOf } from './paths.ts'

export interface ListedDelivery {
  readonly row: TriggerRequestRow
  readonly trigger: Trigger | undefined
  /** Undefined: none was made, or it is no longer there. */
  readonly pipeline: Pipeline | undefined
}

interface DeliveriesPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly deliveries: readonly ListedDelivery[]
  readonly paging: Paging
  readonly filter: { readonly state: string; readonly trigger_id: string }
}

export function DeliveriesPage({ frame, project, deliveries, paging, filter }: DeliveriesPageProps) {
  const path = deliveriesPath(project.name)
  return (
    <Layout
      title={`Deliveries · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
    >
      <h1>Trigger requests</h1>
      <form class="filter" method="get" action={path}>
        <label>
          Answer{' '}
          <select name="state">
            <option value="">any</option>
            {['accepted', 'refused'].map((state) => (
              <option key={state} value={state} selected={filter.state === state}>
                {state}
              </option>
            ))}
          </select>
        </label>
        <input type="hidden" name="trigger_id" value={filter.trigger_id} />
        <button>Filter</button>
        <a href={path}>All</a>
      </form>
      {deliveries.length === 0 ? (
        <p class="quiet">No request to a trigger of this project is known.</p>
      ) : (
        <div class="wide">
          <table aria-label={`Trigger requests of ${project.name}`}>
            <thead>
              <tr>
                <th scope="col">Request</th>
                <th scope="col">Answer</th>
                <th scope="col">From</th>
                <th scope="col">Token</th>
                <th scope="col">Ref and variables</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((each) => (
                <Row key={each.row.id} project={project} {...each} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pages {...paging} href={(page) => path + queryOf({ ...filter, page })} />
    </Layout>
  )
}

function Row({ project, row, trigger, pipeline }: ListedDelivery & { readonly project: Project }) {
  const path = deliveriesPath(project.name)
  return (
    <tr id={`request-${row.id}`}>
      <th scope="row">
        {`#${row.id} `}
        <Moment at={row.receivedAt} />
        {typeof row.replayOf === 'number' && (
          <p class="hint">
            {'repeats '}
            <a href={`#request-${row.replayOf}`}>{`#${row.replayOf}`}</a>
          </p>
        )}
      </th>
      <td>
        <span class={row.status < 300 ? 'success' : 'failed'}>{row.status}</span>
        {row.ms !== null && <span class="quiet">{` ${row.ms} ms`}</span>}
        {row.reason !== null && <p>{row.reason}</p>}
        {row.replayed && (
          <p class="hint">answered with the pipeline of an earlier request with the same key</p>
        )}
        {pipeline && (
          <p>
            <a href={pipelinePath(project.name, pipeline.id)}>{`Pipeline #${pipeline.id}`}</a>{' '}
            {pipeline.status}
          </p>
        )}
      </td>
      <td>
        {row.remoteAddress}
        <p class="hint">{[row.form, row.userAgent].filter((text) => text !== '').join(', ')}</p>
      </td>
      <td>
        <code>{row.shortToken ?? ''}</code> {trigger?.description ?? ''}
      </td>
      <td>
        <code>{row.ref ?? ''}</code>
        <p class="hint">{row.variableKeys.join(', ')}</p>
      </td>
      <td>
        {row.replayable && (
          <Action to={`${path}/${row.id}/replay`} text="Send again" label={`Send request ${row.id} again`} />
        )}
      </td>
    </tr>
  )
}
