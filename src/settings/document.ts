import { readFileSync } from 'node:fs'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { byPosition } from '../shared/source-text.ts'
import type { YamlMapping } from '../yaml/node.ts'
import { parseYaml } from '../yaml/parse.ts'
import { withoutSecrets } from './hidden-secrets.ts'
import { complain, type Report } from './report.ts'
import type { SettingsProblem } from './settings.ts'

/**
 * Reads a YAML or JSON file whose top is a mapping, and hands it to `read` with a report. The outcome is an error if the
 * report holds one in the end: all problems, in order of position. `root` is undefined for a file that holds nothing.
 */
export function readDocumentFile<T>(
  file: string,
  read: (root: YamlMapping | undefined, report: Report) => T,
): Result<T, SettingsProblem> {
  const text = readText(file)
  if (!text.ok) return err({ diagnostics: [text.error], sources: new Map() })
  const sources: Sources = new Map([[file, text.value]])
  const report: Report = { sources, diagnostics: [], leftOut: [] }
  const root = readRoot(text.value, file, report)
  const value = root.ok ? read(root.value, report) : undefined
  if (value !== undefined && report.diagnostics.length === 0) return ok(value)
  const diagnostics = [...report.diagnostics, ...report.leftOut].toSorted(byPosition)
  return err({ diagnostics, sources: withoutSecrets(sources) })
}

function readText(file: string): Result<string, Diagnostic> {
  try {
    return ok(readFileSync(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? reasons[String(error.code)] : undefined
    return err({
      severity: 'error',
      code: 'config.unreadable',
      message: `cannot read ${file}: ${reason ?? String(error)}`,
    })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
}

function readRoot(text: string, file: string, report: Report): Result<YamlMapping | undefined, undefined> {
  const parsed = parseYaml(text, file)
  if (!parsed.ok) {
    report.diagnostics.push(parsed.error)
    return err(undefined)
  }
  // A key written twice is never meant in a file of settings, whatever YAML makes of it.
  for (const warning of parsed.value.warnings) report.diagnostics.push({ ...warning, severity: 'error' })
  const [root, second] = parsed.value.documents
  if (second)
    complain(report, second.span, {
      code: 'several_documents',
      message: 'the file has more than one YAML document',
    })
  if (root === undefined || root.kind === 'mapping') return ok(root)
  complain(report, root.span, { code: 'wrong_type', message: 'the file must be a mapping of keys to values' })
  return err(undefined)
}
