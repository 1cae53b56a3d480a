import type { Project } from '../../model/project.ts'
import { MISSED_POLICIES } from '../../model/schedule.ts'
import type { ScheduleProblem } from '../../pipeline/registry/schedule-input.ts'
import { Check, Field } from './field.tsx'
import { Layout, type Frame } from './layout.tsx'
import { ZonedMoment } from './moment.tsx'
import { pipelinesPath, schedulesPath } from './paths.ts'
import { VariableRows, type FormVariable } from './variable-rows.tsx'

/** What stands in the fields. */
export interface ScheduleFields {
  readonly description: string
  readonly ref: string
  readonly cron: string
  readonly timezone: string
  readonly active: boolean
  readonly missed: string
  /** `NAME=VALUE` line by line; a value that is JSON is that, any other a text. */
  readonly inputs: string
  readonly variables: readonly FormVariable[]
}

/** What is wrong with a field, or with the variables below it. */
export type FormProblem = ScheduleProblem | { readonly field: 'variables'; readonly message: string }

interface ScheduleFormPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly title: string
  /** Where the form goes. */
  readonly to: string
  readonly fields: ScheduleFields
  readonly refs: readonly string[]
  readonly zones: readonly string[]
  readonly problems: readonly FormProblem[]
  /** The next runs of what stands in the fields. */
  readonly next: readonly number[]
  /** IANA name of the zone that stands in the field. */
  readonly zone: string | undefined
}

/** GitLab's names of the fields, which begin its messages. */
const NAMES: Readonly<Record<string, string>> = {
  cron: 'Cron',
  cron_timezone: 'Cron timezone',
  description: 'Description',
  ref: 'Target branch or tag',
  inputs: 'Inputs',
  'inputs.name': 'Inputs name',
}

/** A problem as a sentence, with the name of its field. */
export function problemText(problem: FormProblem): string {
  const detail = 'detail' in problem && problem.detail !== null ? ` (${problem.detail})` : ''
  return `${NAMES[problem.field] ?? ''} ${problem.message.trim()}${detail}`.trim()
}

export function ScheduleFormPage(props: ScheduleFormPageProps) {
  const { frame, project, title, to, fields, refs, zones, problems, next, zone } = props
  const wrong = (...names: readonly FormProblem['field'][]): string | undefined => {
    const problem = problems.find(({ field }) => names.includes(field))
    return problem && problemText(problem)
  }
  const general = wrong('base', 'variables')
  return (
    <Layout
      title={`${title} · ${project.name}`}
      frame={frame}
      crumbs={[
        { text: project.name, href: pipelinesPath(project.name) },
        { text: 'Schedules', href: schedulesPath(project.name) },
      ]}
    >
      <h1>{title}</h1>
      {general !== undefined && (
        <div class="said problem" role="alert">
          <p>{general}</p>
        </div>
      )}
      <form class="fields" method="post" action={to}>
        <Field
          name="description"
          label="Description"
          value={fields.description}
          required
          problem={wrong('description')}
        />
        <Field
          name="cron"
          label="Interval (cron)"
          value={fields.cron}
          required
          problem={wrong('cron')}
          hint="minute hour day month weekday, as in GitLab: 0 4 * * 1-5"
        />
        <Field
          name="cron_timezone"
          label="Time zone"
          value={fields.timezone}
          list="zones"
          required
          problem={wrong('cron_timezone')}
        />
        <Field
          name="ref"
          label="Branch or tag"
          value={fields.ref}
          list="refs"
          required
          problem={wrong('ref')}
        />
        <Field
          name="missed"
          label="Runs that were missed while nothing ran"
          value={fields.missed}
          options={MISSED_POLICIES}
          hint="once: one pipeline for all of them; skip: none; all: one for each, up to a limit"
        />
        <Field
          name="inputs"
          label="Inputs"
          value={fields.inputs}
          rows={2}
          problem={wrong('inputs', 'inputs.name')}
          hint="NAME=VALUE, one a line; for spec:inputs of the configuration"
        />
        <VariableRows name="variables" rows={fields.variables} blank={3} />
        <Check name="active" label="Active" checked={fields.active} />
        <div class="actions">
          <button>Save schedule</button>
          <button name="do" value="preview" formNoValidate>
            Show the next runs
          </button>
        </div>
        <Choices id="refs" values={refs} />
        <Choices id="zones" values={zones} />
      </form>
      {next.length > 0 && (
        <section aria-labelledby="next">
          <h2 id="next">Next runs</h2>
          <ol>
            {next.map((at) => (
              <li key={at}>
                <ZonedMoment at={at} zone={zone} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </Layout>
  )
}

function Choices({ id, values }: { readonly id: string; readonly values: readonly string[] }) {
  return (
    <datalist id={id}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  )
}
