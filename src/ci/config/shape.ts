import type { YamlNode } from '../../yaml/node.ts'
import { isMapping } from './nodes.ts'

/**
 * Top-level words that are never jobs (GitLab: the reserved nodes of the root entry). `spec` is none of them: it
 * belongs into a header above `---`, and without one GitLab takes it for a job.
 */
const RESERVED = new Set([
  'include',
  'before_script',
  'image',
  'services',
  'after_script',
  'variables',
  'stages',
  'cache',
])

/** GitLab: under these names a hash is a job when it looks like one. */
const AMBIGUOUS = new Set(['default', 'workflow'])

export type JobShape = 'job' | 'bridge' | 'none'

/** GitLab's `find_type`: `script` or `run` make a job; otherwise `trigger` or `needs` make a bridge. */
export function shapeOf(node: YamlNode): JobShape {
  if (!isMapping(node)) return 'none'
  if (node.entries.has('script') || node.entries.has('run')) return 'job'
  return node.entries.has('trigger') || node.entries.has('needs') ? 'bridge' : 'none'
}

/** A hash called `default` or `workflow` that is a job all the same. */
export function looksLikeJob(node: YamlNode): boolean {
  return isMapping(node) && ['script', 'run', 'trigger'].some((key) => node.entries.has(key))
}

/** Whether a top-level key names a job, hidden ones aside. */
export function namesAJob(key: string, node: YamlNode): boolean {
  if (key.startsWith('.') || RESERVED.has(key)) return false
  return !AMBIGUOUS.has(key) || looksLikeJob(node)
}
