import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { ReportsPlan } from '../../model/keyword-plans.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBlank, isMapping, isString, strings } from './nodes.ts'
import { readText } from './scalars.ts'

/** Every report that GitLab takes today. `cobertura`, `cluster_applications` and others are gone. */
const KINDS = [
  'accessibility',
  'annotations',
  'api_fuzzing',
  'browser_performance',
  'cluster_image_scanning',
  'codequality',
  'container_scanning',
  'coverage_fuzzing',
  'cyclonedx',
  'dast',
  'dependency_scanning',
  'dotenv',
  'junit',
  'license_scanning',
  'load_performance',
  'lsif',
  'metrics',
  'performance',
  'repository_xray',
  'requirements',
  'requirements_v2',
  'sarif',
  'sast',
  'secret_detection',
  'terraform',
]
const KEYS = [...KINDS, 'coverage_report']
const FORMATS = ['cobertura', 'jacoco'] as const

/** `artifacts:reports`: paths by kind, and `coverage_report` with its format. */
export function readReports(node: YamlNode, report: Report): ReportsPlan | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkKeys(node, KEYS, report)
  if (node.entries.has('cobertura')) helpWithCobertura(report)
  const paths: Record<string, readonly string[]> = {}
  for (const kind of KINDS) {
    const value = child(node, kind)
    if (value === undefined) continue
    const found = isString(value) ? [value.value] : strings(value)
    if (found === undefined) entryError(report, value.span, kind, texts.notStringsOrString)
    else paths[kind] = found
  }
  const coverage = child(node, 'coverage_report')
  return {
    paths,
    coverage: coverage === undefined ? null : readCoverage(coverage, under(report, 'coverage_report')),
  }
}

/** GitLab 15 took the older report away; many files still have it. */
function helpWithCobertura({ reading }: Report): void {
  const last = reading.problems.pop()
  if (last === undefined) return
  const help = 'since GitLab 15: `coverage_report: {coverage_format: cobertura, path: …}`'
  reading.problems.push({ ...last, help })
}

function readCoverage(node: YamlNode, report: Report): ReportsPlan['coverage'] {
  if (!isMapping(node)) {
    configError(report, node.span, texts.notAHash)
    return null
  }
  checkKeys(node, ['coverage_format', 'path'], report)
  const format = readFormat(node, report)
  const path = child(node, 'path')
  if (path === undefined || isBlank(path)) entryError(report, (path ?? node).span, 'path', texts.blank)
  const text = path === undefined || isBlank(path) ? undefined : readText(path, 'path', report)
  return format === undefined || text === undefined ? null : { format, path: text }
}

function readFormat(node: YamlMapping, report: Report): (typeof FORMATS)[number] | undefined {
  const value = child(node, 'coverage_format')
  if (value === undefined || isBlank(value))
    return entryError(report, (value ?? node).span, 'coverage_format', texts.blank)
  const format = isString(value) ? FORMATS.find((word) => word === value.value) : undefined
  return format ?? entryError(report, value.span, 'coverage_format', words.notACoverageFormat)
}
