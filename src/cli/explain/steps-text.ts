import type { JobVerdict, TraceStep } from '../../model/plan.ts'
import { columnsOf, padded } from '../words.ts'

/** Clauses that were looked at, one a line behind what they belong to, the comparison below each. */
export function stepsText(
  groups: readonly { readonly owner: string; readonly steps: readonly TraceStep[] }[],
): string {
  const rows = groups.flatMap(({ owner, steps }) =>
    steps.map((step, index) => ({
      owner: index === 0 ? owner : '',
      label: step.label.replace(/^workflow /, ''),
      answer: step.matched ? 'yes' : 'no',
      clause: oneLine(step.clause),
      detail: oneLine(step.detail),
      place: placeText(step),
    })),
  )
  const width = (of: (row: (typeof rows)[number]) => string, most = 60): number =>
    Math.min(
      most,
      rows.reduce((widest, row) => Math.max(widest, columnsOf(of(row))), 0),
    )
  const [owner, label, clause] = [
    width((row) => row.owner, 30),
    width((row) => row.label),
    width((row) => row.clause),
  ]
  return rows
    .map((row) => {
      const head = `  ${padded(row.owner, owner)}  ${padded(row.label, label)}  ${row.answer.padEnd(3)}  `
      const detail = row.detail === '' ? '' : `${' '.repeat(columnsOf(head))}${row.detail}\n`
      return `${head}${padded(row.clause, clause)}  ${row.place}\n${detail}`
    })
    .join('')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ')
}

export function placeText({ location }: Pick<TraceStep, 'location'>): string {
  return `${location.file}:${location.line}`
}

/** What the clauses led to. */
export function conclusion({ in: isIn, steps, because }: JobVerdict): string {
  const last = steps.at(-1)
  const end = isIn ? 'so the job is in' : 'so the job is left out'
  if (last === undefined) return `${because}, ${end}`
  if (!last.label.startsWith('rule'))
    return end.replace('so', isIn ? 'nothing excludes it, so' : `${last.label} does not let it in, so`)
  if (isIn) return `${last.label} matched, ${end}`
  return last.matched ? `${last.label} matched and says when: never, ${end}` : `no rule matched, ${end}`
}
