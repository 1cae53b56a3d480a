import { parseByteSize } from './byte-size.ts'
import type { Report } from './report.ts'
import { defaultSettings, type LanguageSettings } from './settings.ts'
import { optional, readFields, readWholeNumber, wrongType, type Place } from './shape.ts'

const KEYS = [
  'max_yaml_size_bytes',
  'max_yaml_depth',
  'ci_max_includes',
  'ci_max_total_yaml_size_bytes',
  'ci_needs_size_limit',
  'ci_pipeline_size',
  'compile_seconds',
  'compile_memory',
] as const

/** A thread cannot start with less. */
const LEAST_MEMORY = 32 * 1024 ** 2

/** `language:`, what a CI configuration may ask for: GitLab's limits by GitLab's names, and two of our own. */
export function readLanguage(report: Report, place: Place): LanguageSettings | undefined {
  const fields = readFields(report, place, KEYS)
  if (!fields) return undefined
  const { language: defaults } = defaultSettings()
  const count = (least: number) => (_: Report, at: Place) => readWholeNumber(report, at, least)
  const size = (least: number) => (_: Report, at: Place) => readSize(report, at, least)
  return {
    yamlBytes: optional(report, fields.max_yaml_size_bytes, defaults.yamlBytes, size(1)),
    yamlDepth: optional(report, fields.max_yaml_depth, defaults.yamlDepth, count(1)),
    includes: optional(report, fields.ci_max_includes, defaults.includes, count(0)),
    totalYamlBytes: optional(report, fields.ci_max_total_yaml_size_bytes, defaults.totalYamlBytes, size(1)),
    needs: optional(report, fields.ci_needs_size_limit, defaults.needs, count(0)),
    pipelineJobs: optional(report, fields.ci_pipeline_size, defaults.pipelineJobs, count(0)),
    compileSeconds: optional(report, fields.compile_seconds, defaults.compileSeconds, count(1)),
    compileMemory: optional(report, fields.compile_memory, defaults.compileMemory, size(LEAST_MEMORY)),
  }
}

function readSize(report: Report, place: Place, least: number): number | undefined {
  const bytes = place.node.kind === 'scalar' ? parseByteSize(place.node.text) : undefined
  if (bytes !== undefined && bytes >= least) return bytes
  const from = least > 1 ? ` from ${least / 1024 ** 2} MiB up` : ''
  return wrongType(report, place, `a size such as 2 MiB or a number of bytes${from}`)
}
