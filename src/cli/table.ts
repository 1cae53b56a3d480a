import { columnsOf, padded } from './words.ts'

/** Rows below their headings, each column as wide as it must be; columns in which no row says anything are left out. */
export function tableText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = headings.flatMap((heading, index) =>
    rows.length === 0 || rows.some((row) => row[index]) ? [{ heading, index }] : [],
  )
  const widths = kept.map(({ heading, index }) =>
    rows.reduce((widest, row) => Math.max(widest, columnsOf(row[index] ?? '')), columnsOf(heading)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => padded(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  const lines = [
    line(kept.map(({ heading }) => heading)),
    ...rows.map((row) => line(kept.map(({ index }) => row[index] ?? ''))),
  ]
  return `${lines.join('\n')}\n`
}
