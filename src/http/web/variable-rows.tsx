/** A variable as it stands in a form. */
export interface FormVariable {
  readonly key: string
  readonly value: string
  readonly type: 'env_var' | 'file'
  /** The value is not shown, and stays when the field is left empty. */
  readonly kept?: true
}

interface VariableRowsProps {
  /** The fields are `NAME[][key]`, `NAME[][value]` and `NAME[][type]`. */
  readonly name: string
  readonly rows: readonly FormVariable[]
  /** So many empty ones follow. A row without a key is none. */
  readonly blank: number
}

export function VariableRows({ name, rows, blank }: VariableRowsProps) {
  const empty: FormVariable = { key: '', value: '', type: 'env_var' }
  const all = [...rows, ...Array.from({ length: blank }, () => empty)]
  return (
    <fieldset>
      <legend>Variables</legend>
      {all.map((row, index) => (
        <div class="row" key={index}>
          <input
            name={`${name}[][key]`}
            value={row.key}
            placeholder="KEY"
            aria-label={`Key of variable ${index + 1}`}
            autocomplete="off"
          />
          <textarea
            name={`${name}[][value]`}
            rows={1}
            aria-label={`Value of variable ${index + 1}`}
            placeholder={row.kept ? '(hidden, unchanged)' : undefined}
          >
            {row.value}
          </textarea>
          <select name={`${name}[][type]`} aria-label={`Type of variable ${index + 1}`}>
            <option value="env_var" selected={row.type === 'env_var'}>
              Variable
            </option>
            <option value="file" selected={row.type === 'file'}>
              File
            </option>
          </select>
        </div>
      ))}
    </fieldset>
  )
}
