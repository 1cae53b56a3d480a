import { err, ok, type Result } from '../shared/result.ts'
import { readArchive, type ArchiveFlags } from './archive.ts'
import { chooseColors, type ColorChoice } from './colors.ts'
import type { CommandContext } from './context.ts'
import { withProject, type RemoteFlags } from './daemon/command.ts'
import { findDaemonNote, isAddressed } from './daemon/find-daemon.ts'
import { EXIT } from './exit-code.ts'
import { renderFailure, usageFailure, type Failure } from './failure.ts'
import { archiveSource } from './log/archive-source.ts'
import { daemonSource } from './log/daemon-source.ts'
import type { LogSource, LoggedJob } from './log/log-source.ts'
import { growingLog, printLog } from './log/print-log.ts'

export interface LogsFlags extends ArchiveFlags, Omit<RemoteFlags, 'cwd'> {
  readonly pipeline?: number
  readonly follow: boolean
  readonly tail?: number
  readonly failed: boolean
  readonly color: ColorChoice
}

/** `sluice logs JOB`: the log of a job, as a terminal may show it. */
export async function logsCommand(
  job: string | undefined,
  flags: LogsFlags,
  context: CommandContext,
): Promise<number> {
  if ((job === undefined) !== flags.failed) {
    const text = flags.failed ? '--failed names no job' : 'which job?'
    context.err(renderFailure(usageFailure('job.unnamed', text, 'give its name or number, or --failed')))
    return EXIT.usage
  }
  if (isRemote(flags, context)) {
    return withProject(flags, context, (client, base) =>
      print(daemonSource(client, base, flags.pipeline, flags), job, flags, context),
    )
  }
  const archive = await readArchive(flags, context)
  const outcome = archive.ok
    ? await print(archiveSource(archive.value, flags.pipeline), job, flags, context)
    : archive
  if (outcome.ok) return outcome.value
  context.err(renderFailure(outcome.error))
  return outcome.error.exitCode
}

/** What a daemon left is read without one, too. */
function isRemote(flags: LogsFlags, context: CommandContext): boolean {
  if (!isAddressed(flags, context)) return flags.project !== undefined
  return flags.url !== undefined || flags.config === undefined || findDaemonNote(flags, context).ok
}

async function print(
  source: LogSource,
  wanted: string | undefined,
  flags: LogsFlags,
  context: CommandContext,
): Promise<Result<number, Failure>> {
  const found = wanted === undefined ? await source.failed() : await source.find(wanted)
  if (!found.ok) return found
  const jobs = 'length' in found.value ? found.value : [found.value]
  if (jobs.length === 0) context.err('no job failed\n')
  const colors = chooseColors(flags.color, context.env, context.stdoutIsTerminal)
  for (const job of jobs) {
    if (wanted === undefined) context.out(`${colors.bold(`== ${job.name} (job ${job.id})`)}\n`)
    const printed = await printOne(source, job, flags, context)
    if (!printed.ok) return printed
  }
  return ok(EXIT.success)
}

async function printOne(
  source: LogSource,
  job: LoggedJob,
  flags: LogsFlags,
  context: CommandContext,
): Promise<Result<true, Failure>> {
  const colors = chooseColors(flags.color, context.env, context.stdoutIsTerminal)
  const options = { out: context.out, keepColors: colors.isColorSupported, tail: flags.tail }
  const stored = await source.stored(job)
  if (!stored.ok) return err(stored.error)
  const size = await printLog(stored.value, options)
  if (flags.follow) return await printRest(source, job, size, { ...options, tail: undefined })
  if (size === 0) context.err(`${job.name} has no log: it is ${job.status}\n`)
  return ok(true)
}

async function printRest(
  source: LogSource,
  job: LoggedJob,
  from: number,
  options: Parameters<typeof printLog>[1],
): Promise<Result<true, Failure>> {
  const log = growingLog()
  const printing = printLog(log.bytes, options)
  const followed = await source.follow(job, from, (bytes) => log.push(bytes))
  log.end()
  await printing
  return followed
}
