import type { Variable } from '../../../model/variable.ts'

/** A pipeline's variable. */
export function pipelineVariable(variable: Variable) {
  return {
    variable_type: variable.file ? 'file' : 'env_var',
    key: variable.key,
    value: variable.value,
    raw: variable.raw,
  }
}
