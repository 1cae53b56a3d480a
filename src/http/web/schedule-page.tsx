import type { Project } from '../../model/project.ts'
import type { Schedule } from '../../model/schedule.ts'
import type { User } from '../../model/user.ts'
import type { Variable } from '../../model/variable.ts'
import { Facts } from './facts.tsx'
import { Layout, type Frame } from './layout.tsx'
import { Moment, ZonedMoment } from './moment.tsx'
import { pipelinesPath, schedulePath, schedulesPath } from './paths.ts'
import { PipelineTable, type ListedPipeline } from './pipeline-table.tsx'
import { ScheduleActions, ScheduleNotes, type ScheduleRights } from './schedule-parts.tsx'
import { shortRef } from './schedules-page.tsx'
import { VisibleVariables } from './variable-keys.tsx'

interface SchedulePageProps {
  readonly frame: Frame
  readonly project: Project
  readonly schedule: Schedule
  readonly owner: User | undefined
  readonly rights: ScheduleRights
  /** The next five instants. */
  readonly next: readonly number[]
  /** IANA name of the schedule's zone; undefined when there is none such. */
  readonly zone: string | undefined
  readonly variables: readonly Variable[]
  readonly variablesShown: boolean
  /** Newest first. */
  readonly pipelines: readonly ListedPipeline[]
}

export function SchedulePage(props: SchedulePageProps) {
  const { frame, project, schedule, owner, rights, next, zone, pipelines } = props
  const inputs = Object.entries(schedule.inputs)
  return (
    <Layout
      title={`${schedule.description} · Schedules · ${project.name}`}
      frame={frame}
      crumbs={[
        { text: project.name, href: pipelinesPath(project.name) },
        { text: 'Schedules', href: schedulesPath(project.name) },
      ]}
    >
      <h1>{schedule.description}</h1>
      <ScheduleNotes schedule={schedule} />
      <ScheduleActions path={schedulePath(project.name, schedule.id)} schedule={schedule} rights={rights} />
      <Facts
        facts={{
          Ref: <code>{shortRef(schedule.ref)}</code>,
          When: <code>{schedule.cron}</code>,
          'Time zone': schedule.timezone,
          State: schedule.active ? 'active' : 'inactive',
          Owner: owner?.name ?? 'nobody',
          'Missed runs': schedule.missed,
          'Last planned run': schedule.lastRunAt === null ? null : <Moment at={schedule.lastRunAt} />,
          Inputs:
            inputs.length === 0
              ? null
              : inputs.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', '),
        }}
      />
      <section aria-labelledby="next">
        <h2 id="next">Next runs</h2>
        {!schedule.active && <p class="quiet">None: the schedule is not active.</p>}
        {schedule.active && next.length === 0 && <p class="quiet">None within some decades.</p>}
        <ol>
          {(schedule.active ? next : []).map((at) => (
            <li key={at}>
              <ZonedMoment at={at} zone={zone} />
            </li>
          ))}
        </ol>
      </section>
      <section aria-labelledby="variables">
        <h2 id="variables">Variables</h2>
        <VisibleVariables variables={props.variables} shown={props.variablesShown} />
      </section>
      <section aria-labelledby="pipelines">
        <h2 id="pipelines">Pipelines</h2>
        {pipelines.length === 0 ? (
          <p class="quiet">None yet.</p>
        ) : (
          <PipelineTable caption="Pipelines of this schedule" project={project.name} pipelines={pipelines} />
        )}
      </section>
    </Layout>
  )
}
