import type { YamlMapping, YamlNode } from '../yaml/node.ts'
import { isMapping, isNumber, isSequence } from '../ci/config/nodes.ts'

/**
 * About how many jobs a document unfolds into, before anything of it is checked. A job that extends may get the largest `parallel` there
 * is, so the answer is seldom too small.
 */
export function roughJobCount(document: YamlMapping): number {
  let jobs = 0
  let extending = 0
  let largest = 1
  for (const [key, { value }] of document.entries) {
    if (!isMapping(value)) continue
    const own = value.entries.get('parallel')
    const count = own === undefined ? 1 : instances(own.value)
    largest = Math.max(largest, count)
    if (key.startsWith('.')) continue
    if (own === undefined && value.entries.has('extends')) extending += 1
    else jobs += count
  }
  return jobs + extending * largest
}

function instances(parallel: YamlNode): number {
  if (isNumber(parallel)) return Math.max(1, parallel.value)
  const matrix = isMapping(parallel) ? parallel.entries.get('matrix')?.value : undefined
  if (!isSequence(matrix)) return 1
  return matrix.items.reduce((sum, row) => sum + (isMapping(row) ? combinations(row) : 1), 0)
}

function combinations({ entries }: YamlMapping): number {
  let product = 1
  for (const { value } of entries.values()) product *= isSequence(value) ? value.items.length : 1
  return product
}
