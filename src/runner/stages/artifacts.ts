import type { PayloadArtifacts } from '../../model/payload.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { copyEntries } from '../artifacts/copy.ts'
import { selectArtifacts } from '../artifacts/select.ts'
import { walkBelow, type TreeEntry } from '../artifacts/walk.ts'
import { errorLine, headingLine, noticeLine, warningLine } from '../log/ansi.ts'
import type { Outcome } from '../outcome.ts'
import { inSection, type Build } from './build.ts'

/** Places the artifacts of earlier jobs into the workspace. Undefined: all are there. */
export async function downloadArtifacts(build: Build): Promise<Outcome | undefined> {
  const { payload, coordinator, log, workspace } = build
  if (payload.dependencies.length === 0) return undefined
  return inSection(build, 'download_artifacts', async (): Promise<Outcome | undefined> => {
    log.say(headingLine('Downloading artifacts'))
    for (const { id, name } of payload.dependencies) {
      log.say(noticeLine(`Downloading artifacts for ${name} (${id})...`))
      const folder = await coordinator.getArtifacts(payload.token, id)
      if (!folder) {
        log.say(
          errorLine(
            `Downloading artifacts from coordinator... not found  id=${id} responseStatus=404 Not Found`,
          ),
        )
        return { kind: 'missing_dependency', message: `the artifacts of job "${name}" (${id}) are gone` }
      }
      await copyEntries(folder.path, workspace.slot.project, await entriesBelow(folder.path))
      log.say(`Downloading artifacts from coordinator... ok        id=${id} responseStatus=200 OK\n`)
    }
    return undefined
  })
}

/** Hands over what `artifacts:` names, by its `when`. The error is why that failed. */
export async function uploadArtifacts(build: Build, outcome: Outcome): Promise<Result<null, string>> {
  const succeeded = outcome.kind === 'success'
  const wanted = build.payload.artifacts.filter(
    ({ when }) => when === 'always' || (when === 'on_success') === succeeded,
  )
  if (wanted.length === 0) return ok(null)
  return inSection(
    build,
    succeeded ? 'upload_artifacts_on_success' : 'upload_artifacts_on_failure',
    async () => {
      build.log.say(headingLine(`Uploading artifacts for ${succeeded ? 'successful' : 'failed'} job`))
      for (const artifacts of wanted) {
        const handed = await handOver(build, artifacts).catch((error: unknown) =>
          err(error instanceof Error ? error.message : String(error)),
        )
        if (!handed.ok) {
          build.log.say(
            errorLine(
              `Uploading artifacts as "${artifacts.artifact_type}" to coordinator... error  error=${handed.error}`,
            ),
          )
          return handed
        }
      }
      return ok(null)
    },
  )
}

async function handOver(build: Build, artifacts: PayloadArtifacts): Promise<Result<null, string>> {
  const { log, payload, coordinator, workspace, environment, variables } = build
  log.say(noticeLine('Uploading artifacts...'))
  const { entries, messages } = await selectArtifacts({
    root: workspace.slot.project,
    projectDir: environment.projectDir,
    paths: artifacts.paths.map(variables.expand),
    exclude: artifacts.exclude.map(variables.expand),
    untracked: artifacts.untracked ? await workspace.slot.listUntracked() : null,
  })
  for (const { severity, text } of messages) log.say(severity === 'warning' ? warningLine(text) : `${text}\n`)
  if (entries.length === 0) {
    // GitLab: nothing to upload does not fail the job.
    log.say(errorLine('No files to upload'))
    return ok(null)
  }
  const staged = await coordinator.stageArtifacts(payload.token)
  const { files, bytes } = await copyEntries(workspace.slot.project, staged, entries)
  const name =
    artifacts.name === null ? null : variables.expand(artifacts.name).split('/').at(-1) || 'default'
  await coordinator.putArtifacts(payload.token, {
    staged,
    name,
    size: bytes,
    files,
    expireIn: artifacts.expire_in,
  })
  log.say(
    `Uploading artifacts as "${artifacts.artifact_type}" to coordinator... 201 Created  id=${payload.id} responseStatus=201 Created\n`,
  )
  return ok(null)
}

async function entriesBelow(folder: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = []
  for await (const entry of walkBelow(folder, '')) if (entry.kind !== 'special') entries.push(entry)
  return entries
}
