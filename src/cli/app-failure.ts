import type { AppProblem } from '../app.ts'
import { EXIT } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'

/** Why a state folder could not be opened, in a person's words. */
export function appFailure(problem: AppProblem, stateDir: string): Failure {
  switch (problem.kind) {
    case 'state_in_use':
      return failure(
        EXIT.machine,
        'state.in_use',
        `${stateDir} is served already, by process ${problem.pid}`,
        'end that one, or choose another folder with --state DIR',
      )
    case 'state_unusable':
      return failure(EXIT.machine, 'state.unusable', problem.message)
  }
}
