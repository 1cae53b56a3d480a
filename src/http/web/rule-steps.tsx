import type { JobVerdict, TraceStep } from '../../model/plan.ts'

/** The clauses that were looked at, in order, with what they compared. */
export function RuleSteps({ steps }: { readonly steps: readonly TraceStep[] }) {
  return (
    <ol>
      {steps.map((step, index) => (
        <li key={index}>
          {`${step.label} `}
          <code>{step.clause}</code>
          {` ${step.matched ? 'matches' : 'does not match'}${step.detail === '' ? '' : `: ${step.detail}`} `}
          <span class="quiet">{`(${step.location.file}:${step.location.line})`}</span>
        </li>
      ))}
    </ol>
  )
}

interface VerdictTableProps {
  readonly caption: string
  readonly verdicts: readonly JobVerdict[]
}

/** Why jobs are in or out. */
export function VerdictTable({ caption, verdicts }: VerdictTableProps) {
  return (
    <div class="wide">
      <table aria-label={caption}>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Stage</th>
            <th scope="col">Because</th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map((verdict) => (
            <tr key={verdict.job}>
              <th scope="row">{verdict.job}</th>
              <td>{verdict.stage}</td>
              <td>
                {verdict.because}
                {verdict.steps.length > 0 && (
                  <details>
                    <summary>{`${verdict.location.file}:${verdict.location.line}`}</summary>
                    <RuleSteps steps={verdict.steps} />
                  </details>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
