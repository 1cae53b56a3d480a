import type { LintResult } from '../../../compile/lint.ts'
import type { Project } from '../../../model/project.ts'
import type { HttpOptions } from '../../options.ts'

type IncludedFile = NonNullable<LintResult['includes']>[number]

/** GitLab: `API::Entities::Ci::Lint::Result`. */
export function lintEntity(
  { errors, warnings, mergedYaml, includes, jobs }: LintResult,
  { includeJobs }: { readonly includeJobs: boolean },
  project: Project,
  options: Pick<HttpOptions, 'externalUrl'>,
) {
  return {
    valid: errors.length === 0,
    errors,
    warnings,
    merged_yaml: mergedYaml,
    includes: includes?.map((file) => includeEntity(file, project, options.externalUrl())) ?? null,
    ...(includeJobs ? { jobs } : {}),
  }
}

/** GitLab: `metadata` of each kind of external file. Only files of projects that have a page get addresses. */
function includeEntity(file: IncludedFile, project: Project, externalUrl: string) {
  const { type, location, contextProject, contextSha } = file
  const isLocal = type === 'local' && contextProject === project.name && contextSha !== null
  const page = (kind: string): string =>
    `${externalUrl}/${project.name}/-/${kind}/${contextSha ?? ''}/${location.replace(/^\//, '')}`
  return {
    type,
    location,
    blob: isLocal ? page('blob') : null,
    raw: isLocal ? page('raw') : type === 'remote' ? location : null,
    extra: file.project === null ? {} : { project: file.project, ref: file.ref ?? 'HEAD' },
    context_project: contextProject,
    context_sha: contextSha,
  }
}
