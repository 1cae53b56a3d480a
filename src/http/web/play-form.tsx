import type { Job } from '../../model/job.ts'
import { jobPath } from '../urls.ts'
import { Field } from './field.tsx'
import { VariableRows } from './variable-rows.tsx'

interface PlayFormProps {
  readonly project: string
  readonly job: Job
}

/** Starts a manual or delayed job, with values for its inputs and variables of its own. */
export function PlayForm({ project, job }: PlayFormProps) {
  const { manualConfirmation, inputs = [] } = job.options
  return (
    <form class="fields" id="play" method="post" action={`${jobPath(project, job.id)}/play`}>
      {inputs.map((input) => (
        <Field
          key={input.name}
          name={`inputs[${input.name}]`}
          label={input.name}
          value={input.default}
          hint={input.description}
          options={input.options ?? (input.type === 'boolean' ? ['true', 'false'] : null)}
        />
      ))}
      {job.kind === 'build' && (
        <details>
          <summary>Variables</summary>
          <VariableRows name="variables" rows={[]} blank={3} />
          <p class="hint">They rank above all others of this job.</p>
        </details>
      )}
      {manualConfirmation !== undefined && (
        <>
          <p>
            <strong>{manualConfirmation}</strong>
          </p>
          <label class="check">
            <input type="checkbox" name="confirmed" value="1" required /> {`Yes, run ${job.name}`}
          </label>
        </>
      )}
      <button>{`Run ${job.name}`}</button>
    </form>
  )
}
