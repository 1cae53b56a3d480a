import type { ProjectVariable, Variable } from '../../../model/variable.ts'

/** A variable of a pipeline or of a schedule. */
export function pipelineVariable(variable: Pick<Variable, 'key' | 'value' | 'file' | 'raw'>) {
  return {
    variable_type: variable.file ? 'file' : 'env_var',
    key: variable.key,
    value: variable.value,
    raw: variable.raw,
  }
}

/** A project variable; `declared_at` is ours, for one that only the configuration can change. */
export function projectVariable(variable: ProjectVariable & { readonly hidden?: boolean }) {
  const hidden = variable.hidden ?? false
  return {
    variable_type: variable.file ? 'file' : 'env_var',
    key: variable.key,
    value: hidden ? null : variable.value,
    hidden,
    protected: variable.protected,
    masked: variable.masked,
    raw: variable.raw,
    environment_scope: variable.environmentScope,
    description: variable.description ?? null,
    ...(variable.declaredAt === undefined ? {} : { declared_at: variable.declaredAt }),
  }
}
