import { ok, type Result } from '../../shared/result.ts'
import { agoText } from '../ago.ts'
import { chooseColors } from '../colors.ts'
import type { CommandContext } from '../context.ts'
import type { Client } from '../daemon/client.ts'
import { done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import { exitCodeOfPipeline } from '../exit-code.ts'
import type { Failure } from '../failure.ts'
import { statusWord } from '../status-text.ts'
import { tableText } from '../table.ts'
import { terminalText } from '../terminal-text.ts'
import { jobsText, pipelineHeadline } from './pipeline-text.ts'
import { statusOf, untilSettled } from './remote-pipeline.ts'

export interface ListFlags extends RemoteFlags {
  readonly ref?: string
  readonly status?: string
  readonly source?: string
  readonly limit: number
}

/** `sluice pipeline list` */
export function pipelineList(flags: ListFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const { ref, status, source, limit } = flags
    const pipelines = await firstOf(client, `${base}/pipelines`, limit, { ref, status, source })
    if (!pipelines.ok) return pipelines
    const rows = pipelines.value.map((pipeline) => [
      field(pipeline, 'id'),
      statusWord(field(pipeline, 'status')),
      field(pipeline, 'ref'),
      field(pipeline, 'sha').slice(0, 8),
      field(pipeline, 'source'),
      agoText(field(pipeline, 'created_at')),
      terminalText(field(pipeline, 'name'), false),
    ])
    const text =
      rows.length === 0
        ? 'no pipelines; make one: sluice pipeline run --ref main\n'
        : tableText(['ID', 'STATUS', 'REF', 'COMMIT', 'SOURCE', 'CREATED', 'NAME'], rows)
    return done(context, flags, { schema: 1, pipelines: pipelines.value }, text)
  })
}

/** So many items of a list, whole pages at a time. */
export async function firstOf(
  client: Client,
  path: string,
  limit: number,
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
): Promise<Result<readonly unknown[], Failure>> {
  const items: unknown[] = []
  for (let page = 1; items.length < limit; page++) {
    const answer = await client.call(path, { query: { ...query, per_page: Math.min(limit, 100), page } })
    if (!answer.ok) return answer
    const found = Array.isArray(answer.value.body) ? (answer.value.body as unknown[]) : []
    items.push(...found)
    if (found.length < Math.min(limit, 100)) break
  }
  return ok(items.slice(0, limit))
}

export interface RunFlags extends RemoteFlags {
  readonly ref?: string
  /** The same. */
  readonly branch?: string
  readonly variable: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, string>>
  readonly input: Readonly<Record<string, string>>
  readonly wait: boolean
}

/** `sluice pipeline run` */
export function pipelineRun(flags: RunFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const named = flags.ref ?? flags.branch
    const ref = named === undefined ? await defaultBranch(client, base) : ok(named)
    if (!ref.ok) return ref
    const variables = Object.entries({ ...flags.variables, ...flags.variable })
    const made = await client.call(`${base}/pipeline`, {
      method: 'POST',
      body: {
        ref: ref.value,
        variables: variables.map(([key, value]) => ({ key, value })),
        inputs: flags.input,
      },
    })
    if (!made.ok) return made
    return flags.wait
      ? waitFor(client, base, field(made.value.body, 'id'), flags, context)
      : done(context, flags, { schema: 1, pipeline: made.value.body }, madeText(made.value.body))
  })
}

async function defaultBranch(client: Client, base: string): Promise<Result<string, Failure>> {
  const project = await client.call(base)
  return project.ok ? ok(field(project.value.body, 'default_branch')) : project
}

/** `pipeline 42 runs: http://…` */
export function madeText(pipeline: unknown): string {
  return `pipeline ${field(pipeline, 'id')} of ${field(pipeline, 'ref')}: ${field(pipeline, 'web_url')}\n`
}

/** Waits until a pipeline has ended, or waits for a person; its status becomes the exit code. */
export async function waitFor(
  client: Client,
  base: string,
  id: number | string,
  flags: RemoteFlags,
  context: CommandContext,
): Promise<Result<number, Failure>> {
  if (!flags.json) context.err(`waits for pipeline ${id}\n`)
  const settled = await untilSettled(client, base, id)
  if (!settled.ok) return settled
  const { pipeline, jobs } = settled.value
  const colors = chooseColors('auto', context.env, context.stdoutIsTerminal)
  const text = `${pipelineHeadline(pipeline, colors)}\n${jobsText(jobs, colors)}`
  done(context, flags, { schema: 1, pipeline, jobs }, text)
  return ok(exitCodeOfPipeline(statusOf(pipeline)))
}

/** `sluice pipeline delete ID` */
export function pipelineDelete(id: number, flags: RemoteFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const gone = await client.call(`${base}/pipelines/${id}`, { method: 'DELETE' })
    return gone.ok ? done(context, flags, { schema: 1, deleted: id }, `pipeline ${id} is deleted\n`) : gone
  })
}
