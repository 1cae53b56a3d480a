import { commitVariables } from '../ci/variables/predefined-commit.ts'
import { pipelineVariables } from '../ci/variables/predefined-pipeline.ts'
import { projectVariables } from '../ci/variables/predefined-project.ts'
import { serverVariables } from '../ci/variables/predefined-server.ts'
import type { Commit } from '../model/commit.ts'
import type { Variable } from '../model/variable.ts'
import type { CompileRequest } from './compile.ts'

/** GitLab protects the default branch of a new project and nothing else. */
export function isProtected({ project, ref, tag }: Pick<CompileRequest, 'project' | 'ref' | 'tag'>): boolean {
  return !tag && ref === project.defaultBranch
}

/** The predefined variables that rules see: of server, project, commit and pipeline. */
export function predefinedVariables(request: CompileRequest, commit: Commit): Variable[] {
  const { project, server, ref, tag } = request
  const configPath = request.configPath
  return [
    ...serverVariables(server),
    ...projectVariables({ ...project, configPath }, server),
    ...commitVariables({
      commit,
      sha: request.sha,
      beforeSha: request.beforeSha,
      ref,
      tag,
      tagMessage: request.tagMessage,
      refProtected: isProtected(request),
    }),
    ...pipelineVariables({
      source: request.source,
      createdAt: request.createdAt,
      triggered: request.triggered,
      scheduleDescription: request.scheduleDescription,
      serverUrl: server.url,
      projectPath: project.name,
      configPath,
      ref,
      tag,
    }),
  ]
}
