import { Check, Field } from './field.tsx'

/** What stands in the fields; never a value that is kept. */
export interface VariableFields {
  readonly key: string
  readonly value: string
  readonly description: string
  readonly environmentScope: string
  readonly file: boolean
  readonly masked: boolean
  readonly hidden: boolean
  readonly protected: boolean
  readonly raw: boolean
}

export const EMPTY_VARIABLE: VariableFields = {
  key: '',
  value: '',
  description: '',
  environmentScope: '*',
  file: false,
  masked: false,
  hidden: false,
  protected: false,
  raw: false,
}

interface VariableFormProps {
  readonly to: string
  readonly fields: VariableFields
  /** GitLab's messages, each with its field in front. */
  readonly problems: readonly string[]
  /** It is there already: its key stays, and so does its value when none is typed. */
  readonly existing: boolean
}

export function VariableForm({ to, fields, problems, existing }: VariableFormProps) {
  return (
    <form class="fields" method="post" action={to}>
      {problems.length > 0 && (
        <ul class="said problem" role="alert">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      {!existing && <Field name="key" label="Key" value={fields.key} required />}
      <Field
        name="value"
        label="Value"
        value={fields.value}
        rows={3}
        hint={existing ? 'Left empty, the value stays what it is.' : undefined}
      />
      <Field name="description" label="Description" value={fields.description} />
      <Field
        name="environment_scope"
        label="Environments"
        value={fields.environmentScope}
        required
        hint="* is all of them; review/* those that begin so"
      />
      <Check name="file" label="File: the job sees the path of a file with the value" checked={fields.file} />
      <Check name="masked" label="Masked in logs" checked={fields.masked} />
      {!existing && (
        <Check name="hidden" label="Hidden: masked, and never shown again" checked={fields.hidden} />
      )}
      <Check
        name="protected"
        label="Protected: for protected branches and tags only"
        checked={fields.protected}
      />
      <Check name="raw" label="Not expanded: $ stays $" checked={fields.raw} />
      <button>Save variable</button>
    </form>
  )
}
