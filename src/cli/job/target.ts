import { resolve } from 'node:path'
import { err, ok, type Result } from '../../shared/result.ts'
import { readArchive, type Archive } from '../archive.ts'
import type { CommandContext } from '../context.ts'
import { makeClient } from '../daemon/client.ts'
import { baseOf } from '../daemon/command.ts'
import { findDaemon, isAddressed, isInside, type Daemon } from '../daemon/find-daemon.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { PROJECT_ID } from '../run-app.ts'
import { shellWord } from '../words.ts'
import type { Deed } from './job-commands.ts'

/**
 * Whom a number belongs to. A daemon that is named is meant, and so is a state folder; otherwise a job of this repository's
 * `sluice run` counts, and the daemon that runs. Where both may be meant nothing is guessed.
 */
export async function chooseTarget(
  deed: Deed,
  context: CommandContext,
): Promise<Result<'daemon' | 'run', Failure>> {
  const { flags } = deed
  if (isAddressed(flags, context) || flags.project !== undefined) return ok('daemon')
  const daemon = findDaemon(flags, context)
  const known = await inRun(deed, context)
  if (flags.state !== undefined) return known.ok ? ok('run') : known
  if (!known.ok) return daemon.ok ? ok('daemon') : known
  const cwd = resolve(flags.cwd)
  const served = daemon.ok ? daemon.value.projects.find(({ path }) => isInside(path, cwd)) : undefined
  if (!daemon.ok || !served || !(await isKnownThere(daemon.value, served.id, deed))) return ok('run')
  const what = `${flags.pipeline ? 'pipeline' : 'job'} ${deed.id}`
  return err(
    usageFailure(
      'job.ambiguous',
      `${what} may be one of \`sluice run\` here or one of the daemon at ${daemon.value.url}`,
      `name the daemon with --url ${daemon.value.url}, or the run with --state ${shellWord(known.value)}`,
    ),
  )
}

async function isKnownThere(daemon: Daemon, projectId: number, { id, flags }: Deed): Promise<boolean> {
  const path = `${baseOf(String(projectId))}/${flags.pipeline ? 'pipelines' : 'jobs'}/${id}`
  return (await makeClient(daemon).call(path)).ok
}

/** The state folder, when it knows the job or the pipeline. */
async function inRun({ id, flags }: Deed, context: CommandContext): Promise<Result<string, Failure>> {
  const archive = await readArchive(
    { cwd: flags.cwd, ...(flags.state !== undefined && { state: flags.state }) },
    context,
  )
  if (!archive.ok) return archive
  try {
    const projectId = projectOf(archive.value, id, flags.pipeline)
    const { stateDir } = archive.value
    const what = flags.pipeline ? 'pipeline' : 'job'
    if (projectId === undefined)
      return err(usageFailure(`${what}.unknown`, `there is no ${what} ${id} in ${stateDir}`))
    if (projectId !== PROJECT_ID)
      return err(
        usageFailure(
          `${what}.foreign`,
          `${what} ${id} is a daemon's, and no daemon runs on ${stateDir}`,
          'start it: sluice serve',
        ),
      )
    return ok(stateDir)
  } finally {
    archive.value.close()
  }
}

function projectOf(archive: Archive, id: number, isPipeline: boolean): number | undefined {
  return (isPipeline ? archive.pipelines.find(id) : archive.jobs.find(id))?.projectId
}
