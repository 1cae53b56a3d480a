import { variable, type Variable } from '../../model/variable.ts'

/** Variables of the runner that took the job. What it alone knows (version, folders) it adds itself. */
export function runnerVariables(runner: {
  readonly id: number
  readonly description: string
  readonly tags: readonly string[]
}): Variable[] {
  return [
    variable('CI_RUNNER_ID', String(runner.id), 'predefined'),
    variable('CI_RUNNER_DESCRIPTION', runner.description, 'predefined'),
    variable('CI_RUNNER_TAGS', JSON.stringify(runner.tags), 'predefined'),
  ]
}
