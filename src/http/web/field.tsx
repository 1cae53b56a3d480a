import type { ComponentChildren } from 'preact'

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly hint?: ComponentChildren
  readonly required?: boolean
  readonly type?: 'text' | 'date'
  readonly list?: string
  /** The values to choose from; a value that is none of them is offered too. */
  readonly options?: readonly string[] | null
  readonly rows?: number
  readonly problem?: string | undefined
}

/** A labelled field with what is wrong with it. */
export function Field({ name, label, value, hint, required = false, problem, ...more }: FieldProps) {
  const id = `field-${name.replace(/\W+/g, '-')}`
  const about = [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].filter(Boolean).join(' ')
  const common = {
    id,
    name,
    required,
    'aria-describedby': about || undefined,
    'aria-invalid': problem ? true : undefined,
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Control {...more} value={value} common={common} />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem && (
        <p class="failed" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}

interface ControlProps extends Pick<FieldProps, 'type' | 'list' | 'options' | 'rows' | 'value'> {
  readonly common: { readonly id: string; readonly name: string; readonly required: boolean }
}

function Control({ type = 'text', list, options, rows, value, common }: ControlProps) {
  if (options) {
    const all = options.includes(value) ? options : [value, ...options]
    return (
      <select {...common}>
        {all.map((option) => (
          <option key={option} value={option} selected={option === value}>
            {option}
          </option>
        ))}
      </select>
    )
  }
  if (rows !== undefined) {
    return (
      <textarea {...common} rows={rows}>
        {value}
      </textarea>
    )
  }
  return <input {...common} type={type} value={value} list={list} autocomplete="off" />
}

interface CheckProps {
  readonly name: string
  readonly label: string
  readonly checked: boolean
}

export function Check({ name, label, checked }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value="1" checked={checked} /> {label}
    </label>
  )
}
