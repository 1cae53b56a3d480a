import { closest } from '../shared/closest.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { readArchive, type Archive, type ArchiveFlags } from './archive.ts'
import { chooseColors, type ColorChoice } from './colors.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { renderFailure, usageFailure, type Failure } from './failure.ts'
import { storedLog } from './stored-log.ts'

export interface LogsFlags extends ArchiveFlags {
  readonly pipeline?: number
  readonly color: ColorChoice
}

type FoundJob = NonNullable<ReturnType<Archive['jobs']['find']>>

/** `sluice logs JOB`: the log of a job that ran, as a terminal may show it. */
export async function logsCommand(job: string, flags: LogsFlags, context: CommandContext): Promise<number> {
  const archive = await readArchive(flags, context)
  const found = archive.ok ? findJob(archive.value, job, flags.pipeline) : archive
  if (!archive.ok || !found.ok) {
    context.err(found.ok ? '' : renderFailure(found.error))
    return found.ok ? EXIT.success : found.error.exitCode
  }
  const { traces } = archive.value
  const path = traces.pathOf(found.value)
  if (traces.sizeOf(path) === 0) {
    context.err(`${found.value.name} has no log: it is ${found.value.status}\n`)
    return EXIT.success
  }
  const colors = chooseColors(flags.color, context.env, context.stdoutIsTerminal)
  for await (const text of storedLog(traces.read(path, 0), colors.isColorSupported)) context.out(text)
  return EXIT.success
}

/** Newest pipelines are looked at first; of several attempts the latest counts. A number that is no job's name is an id. */
function findJob(
  archive: Archive,
  wanted: string,
  pipelineId: number | undefined,
): Result<FoundJob, Failure> {
  const pipelines = pipelineId === undefined ? newestPipelines(archive) : [pipelineId]
  const names = new Set<string>()
  for (const id of pipelines) {
    const jobs = archive.jobs.headsOf(id)
    const head = jobs.find(({ name }) => name === wanted)
    const job = head && archive.jobs.find(head.id)
    if (job) return ok(job)
    for (const { name } of jobs) names.add(name)
  }
  const byId = /^\d+$/.test(wanted) ? archive.jobs.find(Number(wanted)) : undefined
  if (byId && (pipelineId === undefined || byId.pipelineId === pipelineId)) return ok(byId)
  const where = pipelineId === undefined ? 'in any pipeline that is kept' : `in pipeline ${pipelineId}`
  const near = closest(wanted, names)
  return err(usageFailure('job.unknown', `no job "${wanted}" ${where}`, near ? `"${near}" is close` : null))
}

/** A state folder of `sluice run` has project 1; of other projects the finished ones are found. */
function newestPipelines(archive: Archive): number[] {
  const own = archive.pipelines.newest(1, 1000).map(({ id }) => id)
  return [...new Set([...own, ...archive.pipelines.settledIds()])].toSorted((a, b) => b - a)
}
