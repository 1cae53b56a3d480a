import type { YamlMapping } from '../../yaml/node.ts'
import type { JobConfig, JobKeywords, JobValues } from '../config.ts'
import { addProblem, configError, type Report, under } from '../report.ts'
import { definedTwice, notAHash } from '../texts.ts'
import { DEFAULT_KEYWORDS, DEPRECATED_GLOBALS } from './default-keywords.ts'
import { INHERIT_ALL, inherits } from './inherit.ts'
import { isJobKeyword, type JobKeyword, readKeyword } from './job.ts'
import { reportUnknown } from './keys.ts'
import { child, entriesBeyond, isMapping } from './nodes.ts'
import { looksLikeJob } from './shape.ts'

/** Reads `default:` and the deprecated top-level keywords, which mean the same. */
export function readDefaults(root: YamlMapping, report: Report): JobKeywords {
  const defaults: Partial<JobValues> = {}
  for (const keyword of DEPRECATED_GLOBALS) {
    const node = child(root, keyword)
    if (node !== undefined && isJobKeyword(keyword)) readKeyword(defaults, keyword, node, report)
  }
  const node = child(root, 'default')
  if (node === undefined || looksLikeJob(node)) return defaults
  const at = under(report, 'default')
  if (!isMapping(node)) {
    configError(at, node.span, notAHash)
    return defaults
  }
  checkDefaultKeys(node, root, at)
  for (const keyword of DEFAULT_KEYWORDS) {
    const value = child(node, keyword)
    if (value !== undefined && isJobKeyword(keyword)) readKeyword(defaults, keyword, value, at)
  }
  return defaults
}

function checkDefaultKeys(node: YamlMapping, root: YamlMapping, at: Report): void {
  reportUnknown(
    entriesBeyond(node, (key) => DEFAULT_KEYWORDS.includes(key)),
    DEFAULT_KEYWORDS,
    at,
  )
  for (const keyword of DEPRECATED_GLOBALS) {
    const entry = node.entries.get(keyword)
    if (entry === undefined || child(node, keyword) === undefined || child(root, keyword) === undefined)
      continue
    addProblem(at.reading, entry.key.span, definedTwice(keyword))
  }
}

/**
 * A job with what it does not say itself taken from the defaults. Nothing is merged; `[]` and `false` count
 * as said, null does not (GitLab: `current_entry.specified?`).
 */
export function withDefaults(
  keywords: JobKeywords,
  defaults: JobKeywords,
  kind: JobConfig['kind'],
): JobKeywords {
  const choice = (keywords.inherit ?? INHERIT_ALL).default
  if (kind === 'bridge') return bridgeWithDefaults(keywords, defaults, choice)
  if (choice === true) return { ...defaults, ...keywords }
  if (choice === false) return keywords
  const inherited: Partial<JobValues> = {}
  const copy = <Keyword extends JobKeyword>(keyword: Keyword): void => {
    const value = defaults[keyword]
    if (value !== undefined) inherited[keyword] = value
  }
  for (const keyword of DEFAULT_KEYWORDS)
    if (isJobKeyword(keyword) && inherits(choice, keyword)) copy(keyword)
  return { ...inherited, ...keywords }
}

/** Of the defaults, a bridge has only this keyword. */
function bridgeWithDefaults(
  keywords: JobKeywords,
  { interruptible }: JobKeywords,
  choice: boolean | readonly string[],
): JobKeywords {
  return interruptible === undefined || !inherits(choice, 'interruptible')
    ? keywords
    : { interruptible, ...keywords }
}
