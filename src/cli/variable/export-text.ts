import { field } from '../daemon/command.ts'
import { shellWord } from '../words.ts'
import type { ExportFormat } from './export-formats.ts'

/** `env`: KEY='value', for `set -a; . file`; `export`: the same with `export` before it; `json`: as the API has them. */
export function exportText(variables: readonly unknown[], format: ExportFormat): string {
  if (format === 'json') return `${JSON.stringify({ schema: 1, variables })}\n`
  const before = format === 'export' ? 'export ' : ''
  return variables
    .map((each) => `${before}${field(each, 'key')}=${shellWord(field(each, 'value'))}\n`)
    .join('')
}
