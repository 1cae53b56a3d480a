import type { Diagnostic } from '../../shared/diagnostic.ts'
import { byPosition } from '../../shared/source-text.ts'
import { oneLevelGlobs } from './one-level-globs.ts'
import { removableNeeds } from './removable-needs.ts'
import { unmatchedRules } from './unmatched-rules.ts'
import { unsetVariables } from './unset-variables.ts'
import { unusedHiddenJobs } from './unused-hidden-jobs.ts'
import { onceForEachPlace, type LintedFile } from './warning.ts'

/** Every warning of this folder, beside those that reading the document gave, in order of position. */
export function allWarnings(file: LintedFile): Diagnostic[] {
  const found = [
    ...file.config.warnings,
    ...unmatchedRules(file),
    ...unusedHiddenJobs(file),
    ...unsetVariables(file),
    ...removableNeeds(file),
    ...oneLevelGlobs(file),
  ]
  return onceForEachPlace(found).toSorted(byPosition)
}
