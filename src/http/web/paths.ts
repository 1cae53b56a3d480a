import { jobPath, pipelinePath } from '../urls.ts'

/** The pages of a project, at GitLab's paths where GitLab has the page. */
export const pipelinesPath = (project: string): string => `/${project}/-/pipelines`
export const newPipelinePath = (project: string): string => `${pipelinesPath(project)}/new`
export const testReportPath = (project: string, id: number): string =>
  `${pipelinePath(project, id)}/test_report`
export const artifactsPath = (project: string, id: number): string => `${jobPath(project, id)}/artifacts`
export const schedulesPath = (project: string): string => `/${project}/-/pipeline_schedules`
export const schedulePath = (project: string, id: number): string => `${schedulesPath(project)}/${id}`
export const triggersPath = (project: string): string => `/${project}/-/triggers`
export const triggerPath = (project: string, id: number): string => `${triggersPath(project)}/${id}`
export const deliveriesPath = (project: string): string => `/${project}/-/trigger_requests`
export const variablesPath = (project: string): string => `/${project}/-/variables`
export const environmentsPath = (project: string): string => `/${project}/-/environments`
export const TOKENS_PATH = '/-/user_settings/personal_access_tokens'

/** A path of an archive with each of its parts escaped. */
export function escapedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** A query without what is empty; empty itself when nothing is left. */
export function queryOf(fields: Readonly<Record<string, string | number | null | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
