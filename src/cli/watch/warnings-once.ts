import type { RunReporter } from '../run-reporter.ts'

/**
 * Makes reporters that leave out the warnings which the one before them had as well: a file's are told once, not with
 * each run.
 */
export function warningsOnce(): (reporter: RunReporter) => RunReporter {
  let told: string | undefined
  return (reporter) => ({
    ...reporter,
    warnings(warnings, sources) {
      const now = JSON.stringify(warnings)
      if (now !== told) reporter.warnings(warnings, sources)
      told = now
    },
  })
}
