import { ok, type Result } from '../../shared/result.ts'
import { chooseColors, type ColorChoice, type Colors } from '../colors.ts'
import type { CommandContext } from '../context.ts'
import type { Client } from '../daemon/client.ts'
import { baseOf, done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import type { Failure } from '../failure.ts'
import { chosenPipeline } from './find-pipeline.ts'
import { jobsText, pipelineHeadline } from './pipeline-text.ts'
import { readPipeline, type RemotePipeline } from './remote-pipeline.ts'

export interface ViewFlags extends RemoteFlags {
  readonly color: ColorChoice
}

/** A pipeline with those that its trigger jobs started. */
interface Family extends RemotePipeline {
  readonly downstream: readonly Family[]
}

/** GitLab: children of children, and no deeper. */
const DEEPEST = 3

/** `sluice view [REF|ID]`: stages, jobs and downstream pipelines, printed. */
export function viewCommand(
  wanted: string | undefined,
  flags: ViewFlags,
  context: CommandContext,
): Promise<number> {
  const colors = chooseColors(flags.color, context.env, context.stdoutIsTerminal)
  return withProject(flags, context, async (client, base) => {
    const id = await chosenPipeline(client, base, wanted, flags)
    if (!id.ok) return id
    const family = await readFamily(client, base, id.value, DEEPEST)
    if (!family.ok) return family
    const text = `${familyText(family.value, colors, '')}${field(family.value.pipeline, 'web_url')}\n`
    return done(context, flags, { schema: 1, ...family.value }, text)
  })
}

async function readFamily(
  client: Client,
  base: string,
  id: string,
  depth: number,
): Promise<Result<Family, Failure>> {
  const seen = await readPipeline(client, base, id)
  if (!seen.ok) return seen
  const downstream: Family[] = []
  for (const job of depth > 0 ? seen.value.jobs : []) {
    const child = field(job, 'downstream_pipeline', 'id')
    if (child === '') continue
    const found = await readFamily(
      client,
      baseOf(field(job, 'downstream_pipeline', 'project_id')),
      child,
      depth - 1,
    )
    // In a project that may not be read there is nothing to see, and the job names it all the same.
    if (found.ok) downstream.push(found.value)
  }
  return ok({ ...seen.value, downstream })
}

function familyText({ pipeline, jobs, downstream }: Family, colors: Colors, indent: string): string {
  const below = downstream.map((child) => `\n${familyText(child, colors, `${indent}    `)}`).join('')
  const problem = field(pipeline, 'yaml_errors')
  return [
    `${indent}${pipelineHeadline(pipeline, colors)}\n`,
    problem === '' ? '' : `${indent}  ${problem}\n`,
    jobsText(jobs, colors, indent),
    below,
  ].join('')
}
