import type { Project } from '../../model/project.ts'
import type { Schedule } from '../../model/schedule.ts'
import type { User } from '../../model/user.ts'
import { Layout, type Frame } from './layout.tsx'
import { ZonedMoment } from './moment.tsx'
import { Pages, type Paging } from './paging.tsx'
import { pipelinesPath, queryOf, schedulePath, schedulesPath } from './paths.ts'
import type { ListedPipeline } from './pipeline-table.tsx'
import { LastPipeline, ScheduleActions, ScheduleNotes, type ScheduleRights } from './schedule-parts.tsx'

export interface ListedSchedule {
  readonly schedule: Schedule
  readonly owner: User | undefined
  readonly last: ListedPipeline | undefined
  readonly rights: ScheduleRights
  /** The next five instants; empty for one that is not active. */
  readonly next: readonly number[]
  /** IANA name of its zone. */
  readonly zone: string | undefined
}

interface SchedulesPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly schedules: readonly ListedSchedule[]
  readonly paging: Paging
}

export function SchedulesPage({ frame, project, schedules, paging }: SchedulesPageProps) {
  const path = schedulesPath(project.name)
  return (
    <Layout
      title={`Schedules · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
    >
      <h1>Pipeline schedules</h1>
      <p>
        <a href={`${path}/new`} data-keys="n" title="Key: n">
          New schedule
        </a>
      </p>
      {schedules.length === 0 ? (
        <Presets path={path} />
      ) : (
        <div class="wide">
          <table aria-label={`Schedules of ${project.name}`}>
            <thead>
              <tr>
                <th scope="col">Description</th>
                <th scope="col">Ref</th>
                <th scope="col">When</th>
                <th scope="col">Next run</th>
                <th scope="col">Last pipeline</th>
                <th scope="col">Owner</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {schedules.map((each) => (
                <Row key={each.schedule.id} project={project} {...each} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pages {...paging} href={(page) => path + queryOf({ page })} />
    </Layout>
  )
}

function Row({
  project,
  schedule,
  owner,
  last,
  rights,
  next,
  zone,
}: ListedSchedule & { readonly project: Project }) {
  const path = schedulePath(project.name, schedule.id)
  return (
    <tr id={`schedule-${schedule.id}`}>
      <th scope="row">
        <a href={path}>{schedule.description}</a>
        <ScheduleNotes schedule={schedule} />
      </th>
      <td>
        <code>{shortRef(schedule.ref)}</code>
      </td>
      <td>
        <code>{schedule.cron}</code> {schedule.timezone}
      </td>
      <td>
        <NextRuns schedule={schedule} next={next} zone={zone} />
      </td>
      <td>
        <LastPipeline project={project.name} last={last} />
      </td>
      <td>{owner?.name ?? 'nobody'}</td>
      <td>
        <ScheduleActions path={path} schedule={schedule} rights={rights} />
      </td>
    </tr>
  )
}

function NextRuns({ schedule, next, zone }: Pick<ListedSchedule, 'schedule' | 'next' | 'zone'>) {
  if (!schedule.active) return <>Inactive</>
  const [first, ...later] = next
  if (first === undefined) return <>Never</>
  return (
    <details>
      <summary>
        <ZonedMoment at={first} zone={zone} />
      </summary>
      <ol start={2}>
        {later.map((at) => (
          <li key={at}>
            <ZonedMoment at={at} zone={zone} />
          </li>
        ))}
      </ol>
    </details>
  )
}

/** GitLab shows the branch or tag alone. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '')
}

const PRESETS = [
  { text: 'Every hour', cron: '0 * * * *' },
  { text: 'Every day at 4:00', cron: '0 4 * * *' },
  { text: 'Every Sunday at 4:00', cron: '0 4 * * 0' },
]

function Presets({ path }: { readonly path: string }) {
  return (
    <>
      <p class="quiet">No schedule yet. A schedule starts a pipeline of a branch or tag by itself:</p>
      <ul>
        {PRESETS.map(({ text, cron }) => (
          <li key={cron}>
            <a href={`${path}/new${queryOf({ cron })}`}>{text}</a>
          </li>
        ))}
      </ul>
    </>
  )
}
