import type { IncludePort } from '../ci/include/port.ts'
import type { ScopedVariables } from '../ci/plan/environment.ts'
import { projectVariablesFor } from '../ci/variables/project-scope.ts'
import { userVariables } from '../ci/variables/user.ts'
import type { Variable } from '../model/variable.ts'
import { decodeText } from '../shared/decode-text.ts'
import type { CompileRequest } from './compile.ts'
import { openIncludes } from './include-reader.ts'
import type { PlanTask } from './plan-document.ts'
import { isProtected, predefinedVariables } from './predefined.ts'
import { readRoot } from './root-file.ts'

/** A request's CI file with all that its plan is made from. `close` ends what was opened for it. */
export interface OpenTask {
  readonly task: PlanTask
  readonly port: IncludePort
  readonly bytes: Buffer
  readonly projectVariables: readonly Variable[]
  /** False: the commit is not there, and nothing is known of it. */
  readonly hasCommit: boolean
  close(): void
}

/** Undefined: there is no such file. Rejects only when the repository itself cannot be read. */
export async function openTask(request: CompileRequest): Promise<OpenTask | undefined> {
  const { repository, source, ref, tag, user, inputs, selection, forRun } = request
  const [file, commit] = await Promise.all([readRoot(request), repository.commit(request.sha)])
  if (file === undefined) return undefined
  const predefined = commit === undefined ? [] : predefinedVariables(request, commit)
  const projectVariables = projectVariablesFor(request.project.variables, {
    environment: null,
    refProtected: isProtected(request),
  })
  const above = [
    ...(user === null ? [] : userVariables(user)),
    ...projectVariables,
    ...request.pipelineVariables,
  ]
  const scoped = scopedVariables(request)
  // GitLab: includes see what exists before the file is read, and nothing of the file itself.
  const reader = openIncludes(request, () => Promise.resolve([...predefined, ...above]))
  return {
    task: {
      root: { path: file.path, text: decodeText(file.bytes), identity: file.identity },
      inputs,
      facts: { source, ref, tag, projectFullPath: request.project.name, predefined, above, ...scoped },
      selection,
      forRun,
    },
    port: reader.port,
    bytes: file.bytes,
    projectVariables,
    hasCommit: commit !== undefined,
    close: () => reader.close(),
  }
}

/** Given only where it makes a difference: most projects have no variable for single environments. */
function scopedVariables(request: CompileRequest): { readonly scoped?: ScopedVariables } {
  const refProtected = isProtected(request)
  const variables = request.project.variables.filter((one) => refProtected || !one.protected)
  if (variables.every(({ environmentScope }) => environmentScope === '*')) return {}
  return { scoped: { variables, outranked: request.pipelineVariables.map(({ key }) => key) } }
}
