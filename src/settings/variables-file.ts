import type { ProjectVariable } from '../model/variable.ts'
import type { Result } from '../shared/result.ts'
import { readDocumentFile } from './document.ts'
import type { SettingsProblem } from './settings.ts'
import { readVariables } from './variables.ts'

/** Reads the file of `--variables-file`: project variables as YAML or JSON, in the grammar of a project's `variables`. */
export function readVariablesFile(file: string): Result<readonly ProjectVariable[], SettingsProblem> {
  return readDocumentFile(file, (root, report) =>
    root ? readVariables(report, { node: root, path: '' }, 'project') : [],
  )
}
