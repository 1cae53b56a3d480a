import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { PayloadArtifacts } from '../../model/payload.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { copyEntries } from '../artifacts/copy.ts'
import { ONE_RAW_FILE, packFiles } from '../artifacts/pack.ts'
import { selectArtifacts } from '../artifacts/select.ts'
import { isUnreadable } from '../artifacts/unreadable.ts'
import { walkBelow, type TreeEntry } from '../artifacts/walk.ts'
import { errorLine, fatalLine, headingLine, noticeLine, warningLine } from '../log/ansi.ts'
import type { Outcome } from '../outcome.ts'
import { inSection, type Build } from './build.ts'
import { workspaceGone } from './workspace-there.ts'

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

/** Hands over what `artifacts:` names, by its `when`. The error is how a job ends that had succeeded so far. */
export async function uploadArtifacts(build: Build, outcome: Outcome): Promise<Result<null, Outcome>> {
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
      const gone = workspaceGone(build)
      if (gone !== null) {
        build.log.say(`${gone}\n`)
        return err({ kind: 'script_failed', exit: { kind: 'exited', code: 1 } })
      }
      for (const artifacts of wanted) {
        const handed = await handOver(build, artifacts)
        if (!handed.ok) return handed
      }
      return ok(null)
    },
  )
}

async function handOver(build: Build, artifacts: PayloadArtifacts): Promise<Result<null, Outcome>> {
  const { log, payload, coordinator } = build
  log.say(noticeLine('Uploading artifacts...'))
  let staged: string | undefined
  try {
    const entries = await select(build, artifacts)
    if (entries.length === 0) {
      // GitLab: nothing to upload does not fail the job.
      log.say(errorLine('No files to upload'))
      return ok(null)
    }
    staged = await coordinator.stageArtifacts(payload.token)
    const send = artifacts.artifact_type === 'archive' ? sendArchive : sendReport
    return await send(build, artifacts, entries, staged)
  } catch (error) {
    // A full disk, a folder taken away: the job fails, what was half collected goes.
    const why = error instanceof Error ? error.message : String(error)
    if (staged !== undefined) await rm(staged, { recursive: true, force: true }).catch(() => {})
    if (isUnreadable(error)) {
      log.say(fatalLine(why))
      return err({ kind: 'script_failed', exit: { kind: 'exited', code: 1 } })
    }
    log.say(errorLine(`${prefixOf(artifacts)} error  error=${why}`))
    return err({ kind: 'system_failure', message: why })
  }
}

async function select(build: Build, artifacts: PayloadArtifacts): Promise<readonly TreeEntry[]> {
  const { log, workspace, environment, variables } = build
  const { entries, messages } = await selectArtifacts({
    root: workspace.slot.project,
    projectDir: environment.projectDir,
    paths: artifacts.paths.map(variables.expand),
    exclude: artifacts.exclude.map(variables.expand),
    untracked: artifacts.untracked ? await workspace.slot.listUntracked() : null,
  })
  for (const { severity, text } of messages) log.say(severity === 'warning' ? warningLine(text) : `${text}\n`)
  return entries
}

type Send = (
  build: Build,
  artifacts: PayloadArtifacts,
  entries: readonly TreeEntry[],
  staged: string,
) => Promise<Result<null, Outcome>>

const sendArchive: Send = async (build, artifacts, entries, staged) => {
  const { payload, coordinator, workspace, variables } = build
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
  return created(build, artifacts)
}

/** gitlab-runner's `artifacts-uploader`: so often it sends what is refused. */
const TRIES = 3

const sendReport: Send = async (build, artifacts, entries, staged) => {
  const { log, payload, coordinator, workspace } = build
  const format = artifacts.artifact_format
  const name = packedName(basename(artifacts.name ?? '') || 'default', format)
  const file = join(staged, name)
  const notRegular = (path: string): void => log.say(warningLine(`the "${path}" is not a regular file`))
  if (format === 'raw' && entries.filter(({ kind }) => kind === 'file').length > 1)
    return refused(build, artifacts, ONE_RAW_FILE, staged)
  const { files, size } = await packFiles(workspace.slot.project, entries, format, file, notRegular)
  if (files === 0) {
    log.say(errorLine('No files to upload'))
    await rm(staged, { recursive: true, force: true })
    return ok(null)
  }
  const put = await coordinator.putReport(payload.token, {
    type: artifacts.artifact_type,
    format,
    name,
    staged: file,
    size,
    files,
    expireIn: artifacts.expire_in,
  })
  return put.ok
    ? created(build, artifacts)
    : refused(build, artifacts, `400 Bad Request (${put.error})`, staged)
}

function created({ log, payload }: Build, artifacts: PayloadArtifacts): Result<null, Outcome> {
  log.say(`${prefixOf(artifacts)} 201 Created  id=${payload.id} responseStatus=201 Created\n`)
  return ok(null)
}

/** What the server refuses it would refuse again; the log looks as if it had been asked each time. */
async function refused(
  { log, payload }: Build,
  artifacts: PayloadArtifacts,
  why: string,
  staged: string,
): Promise<Result<null, Outcome>> {
  const status = why.startsWith('400') ? '  responseStatus=400 Bad Request status=400' : ''
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    log.say(warningLine(`${prefixOf(artifacts)} ${why}  id=${payload.id}${status}`))
    if (attempt < TRIES)
      log.say(warningLine('Retrying...  context=artifacts-uploader error=invalid argument'))
  }
  log.say(fatalLine('invalid argument'))
  await rm(staged, { recursive: true, force: true })
  return err({ kind: 'script_failed', exit: { kind: 'exited', code: 1 } })
}

function prefixOf({ artifact_type: type }: PayloadArtifacts): string {
  return `Uploading artifacts as "${type}" to coordinator...`
}

function packedName(name: string, format: PayloadArtifacts['artifact_format']): string {
  return format === 'raw' ? name : `${name}.${format === 'gzip' ? 'gz' : 'zip'}`
}

async function entriesBelow(folder: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = []
  for await (const entry of walkBelow(folder, '')) if (entry.kind !== 'special') entries.push(entry)
  return entries
}
