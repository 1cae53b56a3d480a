import type { WatchedRefs, WatchRules } from '../model/watch-rules.ts'
import { compileRefPattern } from '../shared/ref-pattern.ts'
import { leaveOut, type Report } from './report.ts'
import { optional, readFields, readFlag, readItems, readText, wrongType, type Place } from './shape.ts'

const KEYS = ['branches', 'tags'] as const
const FIELDS = [...KEYS, 'working_tree'] as const

/** `watch:` of a project: `off`, `branches`, `tags`, a list of these, or what of each. Without it, both are watched. */
export function readWatch(report: Report, place: Place): WatchRules | undefined {
  const { node } = place
  if (node.kind === 'mapping') return readRules(report, place)
  // YAML reads `off` and `on` as false and true.
  if (node.kind === 'scalar' && (node.value === false || node.value === 'off')) return rules([])
  if (node.kind === 'scalar' && node.value === true) return rules(KEYS)
  const words = node.kind === 'sequence' ? readItems(report, place) : [place]
  const kinds = words.map((word) => readKind(report, word))
  return rules(kinds.flatMap((kind) => kind ?? []))
}

function readKind(report: Report, place: Place): (typeof KEYS)[number] | undefined {
  const text = place.node.kind === 'scalar' ? place.node.text : undefined
  return (
    KEYS.find((kind) => kind === text) ??
    wrongType(
      report,
      place,
      'off, branches, tags, a list of these, or a mapping with branches:, tags: and working_tree:',
    )
  )
}

function rules(kinds: readonly string[]): WatchRules {
  return {
    branches: kinds.includes('branches') ? 'all' : 'none',
    tags: kinds.includes('tags') ? 'all' : 'none',
  }
}

/** A kind that is not named in a mapping is watched as if nothing had been said. */
function readRules(report: Report, place: Place): WatchRules | undefined {
  const fields = readFields(report, place, FIELDS)
  const workingTree = optional(report, fields?.working_tree, false, readFlag)
  return (
    fields && {
      ...(workingTree ? { workingTree } : {}),
      branches: optional(report, fields.branches, 'all' as const, readRefs),
      tags: optional(report, fields.tags, 'all' as const, readRefs),
    }
  )
}

function readRefs(report: Report, place: Place): WatchedRefs | undefined {
  const { node } = place
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value ? 'all' : 'none'
  const items = node.kind === 'sequence' ? readItems(report, place) : [place]
  return items.flatMap((item) => readPattern(report, item) ?? [])
}

function readPattern(report: Report, place: Place): string | undefined {
  const text = readText(report, place)
  if (text === undefined) return undefined
  const compiled = compileRefPattern(text)
  if (compiled.ok) return text
  return leaveOut(report, place.node.span, {
    code: 'invalid_pattern',
    message: `${place.path} ${text} is not a regular expression: ${compiled.error}`,
    help: 'a name, a name with *, or /an expression/ in RE2 syntax',
  })
}
