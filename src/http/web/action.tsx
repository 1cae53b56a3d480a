import type { ComponentChildren } from 'preact'

interface ActionProps {
  readonly to: string
  readonly text: string
  /** What a screen reader says where the text alone does not tell which. */
  readonly label?: string
  readonly keys?: string
  readonly fields?: Readonly<Record<string, string>>
}

/** A button that does something at once. */
export function Action({ to, text, label, keys, fields = {} }: ActionProps) {
  return (
    <form method="post" action={to}>
      <Hidden fields={fields} />
      <button aria-label={label} data-keys={keys} title={keys && `Key: ${keys}`}>
        {text}
      </button>
    </form>
  )
}

interface AskProps extends Omit<ActionProps, 'keys'> {
  /** What is asked before. */
  readonly children: ComponentChildren
  /** The words of the button that does it. */
  readonly confirm: string
}

/** A button that asks first: without script, and closed until somebody opens it. */
export function Ask({ to, text, label, confirm, fields = {}, children }: AskProps) {
  return (
    <details class="ask">
      <summary aria-label={label}>{text}</summary>
      <form method="post" action={to}>
        <Hidden fields={fields} />
        {children}
        <p>
          <button class="danger">{confirm}</button>
        </p>
      </form>
    </details>
  )
}

function Hidden({ fields }: { readonly fields: Readonly<Record<string, string>> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  )
}
