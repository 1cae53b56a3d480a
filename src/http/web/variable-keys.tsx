import type { Variable } from '../../model/variable.ts'
import { VariableTable } from './variable-table.tsx'

interface VisibleVariablesProps {
  readonly variables: readonly Variable[]
  /** GitLab: the values are for maintainers and for whoever made the pipeline. */
  readonly shown: boolean
}

export function VisibleVariables({ variables, shown }: VisibleVariablesProps) {
  if (shown || variables.length === 0) return <VariableTable variables={variables} />
  return (
    <p>
      {`${variables.map(({ key }) => key).join(', ')}. `}
      <span class="quiet">Their values are for maintainers and for whoever started the pipeline.</span>
    </p>
  )
}
