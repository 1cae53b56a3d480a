import { join, posix } from 'node:path'
import type { JobPayload } from '../../model/payload.ts'
import { readBuildSettings, type BuildSettings } from '../build-settings.ts'
import { jobVariables } from '../job-variables.ts'
import { projectFolderName } from './folder-name.ts'

/** Where in a slot a job's project folder lies, and by which path below the builds folder the job knows it. */
export interface Layout {
  readonly settings: BuildSettings
  readonly name: string
  readonly projectPath: string
  /** What the job is told as its builds folder, where the executor cannot choose names. */
  buildsOf(buildsDir: string, slot: string): string
  /** Why the job cannot have the place it asks for, in gitlab-runner's words. */
  readonly refused: string | null
}

/** Of all slots, the folder that `GIT_CLONE_PATH` is relative to. */
const CLONES = 'at'

/** The builds folder by a name that every executor can stand in for: only what follows it matters. */
const BUILDS = '/builds'

/** Reads the settings of a job that takes the lane with this number. */
export function layoutOf(payload: JobPayload, lane: number): Layout {
  const folder = projectFolderName(payload)
  const values = valuesOf(payload, lane)
  const settings = readBuildSettings((key) => values.get(key), {
    depth: payload.git_info.depth,
    allowFetch: payload.allow_git_fetch,
  })
  if (settings.clonePath !== '') return customLayout(settings)
  // gitlab-runner: an empty folder stands beside the usual one.
  const suffix = settings.strategy === 'empty' ? '-empty' : ''
  return {
    settings,
    name: `${folder}${suffix}`,
    projectPath: `${payload.job_info.project_full_path}${suffix}`,
    buildsOf: (buildsDir) => buildsDir,
    refused: null,
  }
}

const OURS = /^GIT_|_ATTEMPTS$/

/** Most jobs set none of the variables, and expanding all others takes a while. */
function valuesOf(payload: JobPayload, lane: number): ReadonlyMap<string, string> {
  if (!payload.variables.some(({ key }) => OURS.test(key))) return new Map()
  const projectDir = `${BUILDS}/${payload.job_info.project_full_path}`
  const variables = jobVariables(payload, {
    buildsDir: BUILDS,
    projectDir,
    tempDir: `${projectDir}.tmp`,
    concurrentId: lane,
    concurrentProjectId: lane,
    repositoryUrl: payload.git_info.repo_url,
  })
  return new Map(variables.exported.map(({ key, value }) => [key, value]))
}

function customLayout(settings: BuildSettings): Layout {
  const relative = posix.relative(BUILDS, posix.resolve('/', settings.clonePath))
  const inside = relative !== '' && !relative.startsWith('..') && posix.isAbsolute(settings.clonePath)
  return {
    settings,
    name: `${CLONES}/${relative}`,
    projectPath: relative,
    buildsOf: (_, slot) => join(slot, CLONES),
    refused: inside
      ? null
      : `the GIT_CLONE_PATH=${JSON.stringify(settings.clonePath)} has to be within ${JSON.stringify(BUILDS)}`,
  }
}
