import type { Provenance, Upstream } from '../model/provenance.ts'
import { provenanceOf } from '../pipeline/provenance.ts'
import { VIA_WORDS } from '../pipeline/upstream-chain.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { readArchive, type ArchiveFlags } from './archive.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { renderFailure, usageFailure, type Failure } from './failure.ts'
import { terminalText } from './terminal-text.ts'

export interface ShowFlags extends ArchiveFlags {
  readonly json: boolean
}

/** `sluice show ID`: why a pipeline exists. With `--json` exactly what the API's provenance endpoint answers. */
export async function showCommand(id: number, flags: ShowFlags, context: CommandContext): Promise<number> {
  const provenance = await find(id, flags, context)
  if (!provenance.ok) {
    context.err(renderFailure(provenance.error))
    return provenance.error.exitCode
  }
  context.out(flags.json ? `${JSON.stringify(provenance.value)}\n` : provenanceText(provenance.value))
  return EXIT.success
}

async function find(
  id: number,
  flags: ShowFlags,
  context: CommandContext,
): Promise<Result<Provenance, Failure>> {
  const archive = await readArchive(flags, context)
  if (!archive.ok) return archive
  const provenance = provenanceOf(archive.value, id, () => true)
  return provenance
    ? ok(provenance)
    : err(usageFailure('pipeline.unknown', `no pipeline ${id} is kept in ${archive.value.stateDir}`))
}

/** The same keys, one a line; what does not apply is left out. */
export function provenanceText(provenance: Provenance): string {
  const { trigger, variables, upstream = [], ...facts } = provenance
  const rows = [
    ...Object.entries({ ...facts, trigger: trigger && triggerText(trigger) }),
    ...upstream.map((each): [string, string] => ['upstream', upstreamText(each)]),
  ].filter((row): row is [string, string] => row[1] !== null)
  const width = Math.max(...rows.map(([key]) => key.length))
  const lines = rows.map(([key, value]) => `${key.padEnd(width)}  ${value}`)
  const keys = Math.max(0, ...variables.map(({ key, value }) => key.length + value.length + 1))
  const assigned = variables.map(
    ({ key, value, origin }) => `  ${`${key}=${value}`.padEnd(Math.min(keys, 60))}  ${origin}`,
  )
  return `${[...lines, ...(assigned.length > 0 ? ['variables', ...assigned] : [])].map((line) => terminalText(line, false)).join('\n')}\n`
}

function triggerText({
  id,
  description,
  short_token: shortToken,
}: NonNullable<Provenance['trigger']>): string {
  return `${id} "${description}" (${shortToken}…)`
}

/** `job 7 build_docs of group/a, pipeline 3, tag v1.0 (push), by trigger token` */
function upstreamText({ via, job, pipeline, project }: Upstream): string {
  const { id, ref, tag, source, trigger } = pipeline
  const from = trigger ? `${source} ${triggerText(trigger)}` : source
  const where = `pipeline ${id}, ${tag ? 'tag' : 'branch'} ${ref} (${from})`
  return `job ${job.id} ${job.name} of ${project.path_with_namespace}, ${where}, by ${VIA_WORDS[via]}`
}
