import { commitVariables } from '../ci/variables/predefined-commit.ts'
import { mergeRequestVariables } from '../ci/variables/predefined-merge-request.ts'
import { pipelineVariables } from '../ci/variables/predefined-pipeline.ts'
import { projectVariables } from '../ci/variables/predefined-project.ts'
import { serverVariables } from '../ci/variables/predefined-server.ts'
import { upstreamVariables } from '../ci/variables/predefined-upstream.ts'
import type { Commit } from '../model/commit.ts'
import type { Variable } from '../model/variable.ts'
import type { CompileRequest } from './compile.ts'

/** GitLab protects the default branch of a new project and nothing else; the ref of a merge request is none. */
export function isProtected({
  project,
  ref,
  tag,
  source,
  mergeRequest,
}: Pick<CompileRequest, 'project' | 'ref' | 'tag' | 'source' | 'mergeRequest'>): boolean {
  return !tag && source !== 'merge_request_event' && !mergeRequest && ref === project.defaultBranch
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
      mergeRequest: request.source === 'merge_request_event' || Boolean(request.mergeRequest),
    }),
    ...pipelineVariables({
      source: request.source,
      createdAt: request.createdAt,
      iid: request.pipelineIid ?? 1,
      triggered: request.triggered,
      scheduleDescription: request.scheduleDescription,
      serverUrl: server.url,
      projectPath: project.name,
      configPath,
      ref,
      tag,
    }),
    ...(request.upstream ? upstreamVariables(request.upstream) : []),
    ...(request.mergeRequest
      ? mergeRequestVariables({
          mergeRequest: request.mergeRequest,
          sourceBranch: ref,
          sha: request.sha,
          commitMessage: commit.message,
          project,
          serverUrl: server.url,
        })
      : []),
  ]
}
