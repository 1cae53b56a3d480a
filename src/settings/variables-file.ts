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

/** What a file of gitlab-ci-local gives, and the names that have values by environment, which Sluice reads from its own file only. */
export interface LocalVariables {
  readonly variables: readonly ProjectVariable[]
  readonly leftOut: readonly string[]
}

/** Reads a `.gitlab-ci-local-variables.yml`: `KEY: value`. */
export function readLocalVariablesFile(file: string): Result<LocalVariables, SettingsProblem> {
  return readDocumentFile(file, (root, report) => {
    if (root === undefined) return { variables: [], leftOut: [] }
    const entries = [...root.entries]
    const plain = new Map(entries.filter(([, { value }]) => value.kind === 'scalar'))
    return {
      variables: readVariables(report, { node: { ...root, entries: plain }, path: '' }, 'project'),
      leftOut: entries.flatMap(([name, { value }]) => (value.kind === 'scalar' ? [] : [name])),
    }
  })
}
