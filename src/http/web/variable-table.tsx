import type { Variable } from '../../model/variable.ts'
import { shownValues, type ShownValue } from './shown-value.ts'

/** A pipeline's variables with where they came from. */
export function VariableTable({ variables }: { readonly variables: readonly Variable[] }) {
  if (variables.length === 0) return <p class="quiet">None.</p>
  const values = shownValues(variables)
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Variable</th>
            <th scope="col">Value</th>
            <th scope="col">Origin</th>
          </tr>
        </thead>
        <tbody>
          {variables.map((variable, index) => (
            <tr key={variable.key}>
              <th scope="row">
                <code>{variable.key}</code>
              </th>
              <td class="value">
                <Value value={values[index]} />
              </td>
              <td>{variable.origin}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Value({ value }: { readonly value: ShownValue | undefined }) {
  switch (value?.kind) {
    case undefined:
      return null
    case 'text':
      return <>{value.text}</>
    case 'hidden':
      return <span class="quiet">{`hidden (${value.why})`}</span>
    case 'file':
      return (
        <details>
          <summary>{`file, ${value.bytes} bytes`}</summary>
          <pre>{value.text}</pre>
        </details>
      )
  }
}
