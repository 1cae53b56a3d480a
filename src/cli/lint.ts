import type { Diagnostic } from '../shared/diagnostic.ts'
import { renderDiagnostic } from '../shared/source-text.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { renderFailure } from './failure.ts'
import { lintFile, type Linted, type LintFlags } from './lint-file.ts'
import { filesToLint } from './lint-targets.ts'
import { SCHEMA } from './run-record.ts'
import { tableText } from './table.ts'
import { terminalText } from './terminal-text.ts'
import { counted } from './words.ts'

export interface LintCommandFlags extends LintFlags {
  readonly includeJobs: boolean
  readonly format: 'text' | 'json'
  readonly json: boolean
}

/** `sluice lint`: every mistake of every file, then the warnings of what is valid. */
export async function lintCommand(
  files: readonly string[],
  flags: LintCommandFlags,
  context: CommandContext,
): Promise<number> {
  const targets = filesToLint(files, flags.cwd)
  if (!targets.ok) {
    context.err(renderFailure(targets.error))
    return targets.error.exitCode
  }
  const all: Linted[] = []
  for (const target of targets.value) {
    const linted = await lintFile(target, flags, context)
    if (!linted.ok) {
      context.err(renderFailure(linted.error))
      return linted.error.exitCode
    }
    all.push(linted.value)
  }
  const isJson = flags.json || flags.format === 'json'
  context.out(isJson ? `${jsonText(all, flags)}\n` : terminalText(plainText(all, flags, context), false))
  return all.some(({ problems }) => problems.some(isError)) ? EXIT.invalid : EXIT.success
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error'

function plainText(all: readonly Linted[], flags: LintCommandFlags, { elapsed }: CommandContext): string {
  const findings = all.flatMap(({ problems, sources }) =>
    problems.map((problem) => `${renderDiagnostic(problem, sources)}\n`),
  )
  const problems = all.flatMap((linted) => linted.problems)
  const errors = problems.filter(isError).length
  const files = new Set(all.flatMap(({ sources }) => [...sources.keys()])).size
  const counts = `${counted(errors, 'error')}, ${counted(problems.length - errors, 'warning')} in ${counted(files, 'file')}`
  const jobs = flags.includeJobs ? all.map(jobsText).join('') : ''
  return `${findings.join('')}${jobs}${counts} · ${Math.round(elapsed() * 1000)} ms\n`
}

function jobsText({ jobs }: Linted): string {
  if (jobs.length === 0) return ''
  return tableText(
    ['name', 'stage', 'when', 'allow_failure'],
    jobs.map((job) => [job.name, job.stage, job.when, String(job.allow_failure)]),
  )
}

function jsonText(all: readonly Linted[], flags: LintCommandFlags): string {
  const problems = all.flatMap((linted) => linted.problems)
  const errors = problems.filter(isError)
  const warnings = problems.filter((problem) => !isError(problem))
  return JSON.stringify(
    {
      schema: SCHEMA,
      valid: errors.length === 0,
      errors: errors.map(problemRecord),
      warnings: warnings.map(problemRecord),
      ...(flags.includeJobs ? { jobs: all.flatMap(({ jobs }) => jobs) } : {}),
    },
    null,
    2,
  )
}

function problemRecord({ severity, code, message, location, help, related }: Diagnostic) {
  return {
    severity,
    code,
    message,
    ...place(location),
    help: help ?? null,
    related: (related ?? []).map((other) => ({ message: other.message, ...place(other.location) })),
  }
}

function place(location: Diagnostic['location']) {
  return { file: location?.file ?? null, line: location?.line ?? null, column: location?.column ?? null }
}
