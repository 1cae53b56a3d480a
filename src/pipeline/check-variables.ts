import type { Refusal } from '../model/command.ts'
import type { Variable } from '../model/variable.ts'

const LONGEST_KEY = 255

/**
 * What GitLab refuses in the variables of a request; undefined when all is well. Only `SLUICE_*` is refused beyond that:
 * those names steer Sluice itself.
 */
export function checkVariables(
  variables: readonly Variable[],
): Pick<Refusal, 'reason' | 'message' | 'detail'> | undefined {
  const seen = new Set<string>()
  for (const { key } of variables) {
    if (seen.has(key))
      return { reason: 'duplicate_variable', message: `Duplicate variable name: ${key}`, detail: null }
    seen.add(key)
  }
  for (const { key } of variables) {
    const problem = keyProblem(key)
    if (problem) {
      const message = `Failed to build pipeline variables: Validation failed: Key ${problem}.`
      return { reason: 'invalid_variables', message, detail: `variable "${key.slice(0, LONGEST_KEY)}"` }
    }
  }
  return undefined
}

function keyProblem(key: string): string | undefined {
  if (key.length > LONGEST_KEY || !/^[a-zA-Z0-9_]+$/.test(key))
    return `can contain only letters, digits and '_'`
  if (key.startsWith('SLUICE_')) return `SLUICE_* is reserved`
  return undefined
}
