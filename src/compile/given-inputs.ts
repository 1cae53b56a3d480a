import type { GivenInput, GivenInputs } from '../ci/inputs/bind.ts'
import { nodeOf, textScalar } from '../ci/inputs/value.ts'

/** The inputs of a request: JSON values, or texts out of a form or the command line. What is neither counts as empty. */
export function givenInputs(inputs: Readonly<Record<string, unknown>>, file: string): GivenInputs {
  const nowhere = { file, start: 0, end: 0 }
  const values = new Map<string, GivenInput>()
  for (const [name, value] of Object.entries(inputs)) {
    if (value === undefined) continue
    values.set(name, { value: nodeOf(value, nowhere) ?? textScalar('', nowhere), span: null })
  }
  return { values, span: null }
}
