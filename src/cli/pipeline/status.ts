import { ok, type Result } from '../../shared/result.ts'
import { chooseColors, type ColorChoice, type Colors } from '../colors.ts'
import type { CommandContext } from '../context.ts'
import type { Client } from '../daemon/client.ts'
import { done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import { EXIT, exitCodeOfPipeline } from '../exit-code.ts'
import type { Failure } from '../failure.ts'
import { statusColor, statusWord } from '../status-text.ts'
import { newestPipeline } from './find-pipeline.ts'
import { countsText, jobsText, pipelineHeadline } from './pipeline-text.ts'
import { readPipeline, statusOf, untilSettled, type RemotePipeline } from './remote-pipeline.ts'

export interface StatusFlags extends RemoteFlags {
  readonly live: boolean
  readonly compact: boolean
  readonly color: ColorChoice
}

/** `sluice status [REF]`: the newest pipeline of a branch or tag. With `--live` its end becomes the exit code. */
export function statusCommand(
  ref: string | undefined,
  flags: StatusFlags,
  context: CommandContext,
): Promise<number> {
  const colors = chooseColors(flags.color, context.env, context.stdoutIsTerminal)
  return withProject(flags, context, async (client, base) => {
    const id = await newestPipeline(client, base, ref, flags)
    if (!id.ok) return id
    const seen = flags.live
      ? await follow(client, base, id.value, flags, context, colors)
      : await readPipeline(client, base, id.value)
    if (!seen.ok) return seen
    done(context, flags, { schema: 1, ...seen.value }, shown(seen.value, flags, colors))
    return ok(flags.live ? exitCodeOfPipeline(statusOf(seen.value.pipeline)) : EXIT.success)
  })
}

function shown(seen: RemotePipeline, { compact }: StatusFlags, colors: Colors): string {
  const headline = pipelineHeadline(seen.pipeline, colors)
  return compact
    ? `${headline} · ${countsText(seen)}\n`
    : `${headline}\n${jobsText(seen.jobs, colors)}${field(seen.pipeline, 'web_url')}\n`
}

/** A line for each job whose status has changed; what is printed stays. */
function follow(
  client: Client,
  base: string,
  id: string,
  flags: StatusFlags,
  context: CommandContext,
  colors: Colors,
): Promise<Result<RemotePipeline, Failure>> {
  const known = new Map<string, string>()
  return untilSettled(client, base, id, ({ jobs }) => {
    const changed = jobs.filter((job) => known.get(field(job, 'id')) !== field(job, 'status'))
    const isFirst = known.size === 0
    for (const job of changed) known.set(field(job, 'id'), field(job, 'status'))
    if (flags.json || isFirst) return
    context.out(changed.map((job) => changeLine(job, colors)).join(''))
  })
}

function changeLine(job: unknown, colors: Colors): string {
  const word = statusWord(field(job, 'status'), field(job, 'allow_failure') === 'true')
  return `${statusColor(word, colors)(word)}  ${field(job, 'name')}\n`
}
