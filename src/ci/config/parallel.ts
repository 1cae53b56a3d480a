import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { MatrixRow, ParallelConfig } from '../config.ts'
import { noNumberHere } from '../keyword-texts.ts'
import { configError, type Report, shapeError, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { isBlank, isMapping, isNumber, isSequence } from './nodes.ts'
import { readCount } from './scalars.ts'

const LIMIT = 200

/** `parallel`: a number of like jobs, or one job for each combination of a matrix. */
export function readParallel(
  node: YamlNode,
  report: Report,
  forms: 'all' | 'matrix only' = 'all',
): ParallelConfig | undefined {
  if (isNumber(node)) {
    if (forms === 'matrix only') return configError(report, node.span, noNumberHere)
    const total = readCount(node, 'config', { least: 1, most: LIMIT }, report)
    return total === undefined ? undefined : { kind: 'number', total }
  }
  if (!isMapping(node)) return shapeError(report, node.span, texts.notParallel)
  checkKeys(node, ['matrix'], report)
  const matrix = node.entries.get('matrix')
  if (matrix === undefined) return configError(report, node.span, texts.missingKeys(['matrix']))
  const rows = readMatrix(matrix.value, under(report, 'matrix'))
  return rows && { kind: 'matrix', rows }
}

function readMatrix(node: YamlNode, report: Report): readonly MatrixRow[] | undefined {
  if (!isSequence(node) || !node.items.every(isMapping))
    return configError(report, node.span, texts.notHashes)
  const rows: MatrixRow[] = []
  for (const item of node.items) {
    const row = isMapping(item) ? readRow(item, report) : undefined
    if (row !== undefined) rows.push(row)
  }
  const jobs = rows.reduce(
    (sum, row) => sum + row.reduce((product, { values }) => product * values.length, 1),
    0,
  )
  return jobs > LIMIT ? configError(report, node.span, texts.tooManyJobs) : rows
}

function readRow(node: YamlMapping, report: Report): MatrixRow | undefined {
  const row: MatrixRow[number][] = []
  for (const { key, value } of node.entries.values()) {
    const values = scalarTexts(value)
    if (values === undefined) return configError(report, value.span, texts.notAMatrixRow)
    row.push({ key: key.text, values, span: value.span })
  }
  return row.length === 0 ? configError(report, node.span, texts.notAMatrixRow) : row
}

function scalarTexts(node: YamlNode): string[] | undefined {
  if (isBlank(node) && !(node.kind === 'scalar' && node.value === false)) return undefined
  const found: string[] = []
  for (const item of isSequence(node) ? node.items : [node]) {
    if (item.kind !== 'scalar' || item.value === null) return undefined
    found.push(item.text)
  }
  return found
}
