import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { renderDiagnostic } from '../shared/source-text.ts'
import { EXIT } from './exit-code.ts'

/** Why a command could not do what it was asked; becomes text on stderr, or `errors` in JSON. */
export interface Failure {
  readonly exitCode: number
  readonly problems: readonly Diagnostic[]
  readonly sources: Sources
}

/** A failure in one sentence, with our help below it. */
export function failure(exitCode: number, code: string, message: string, help?: string | null): Failure {
  return {
    exitCode,
    problems: [{ severity: 'error', code, message, ...(help ? { help } : {}) }],
    sources: new Map(),
  }
}

export function usageFailure(code: string, message: string, help?: string | null): Failure {
  return failure(EXIT.usage, code, message, help)
}

/** One problem after another, each with its code frame where its place in a file is known. */
export function renderFailure({ problems, sources }: Pick<Failure, 'problems' | 'sources'>): string {
  return problems
    .map((problem) => `${problem.location ? renderDiagnostic(problem, sources) : plain(problem)}\n`)
    .join('')
}

function plain(problem: Diagnostic): string {
  return `${problem.severity}: ${problem.message}${problem.help ? `\n  ${problem.help}` : ''}`
}
