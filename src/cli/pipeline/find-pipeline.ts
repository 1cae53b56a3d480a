import { resolve } from 'node:path'
import { findWorkTree } from '../../platform/work-tree.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Client } from '../daemon/client.ts'
import { field, type RemoteFlags } from '../daemon/command.ts'
import { isInside } from '../daemon/find-daemon.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { shellWord } from '../words.ts'

/** The number of the newest pipeline of a branch or tag; without one, of the branch that is checked out here, or of all. */
export async function newestPipeline(
  client: Client,
  base: string,
  ref: string | undefined,
  flags: RemoteFlags,
): Promise<Result<string, Failure>> {
  const wanted = ref ?? (await branchHere(client, flags))
  const query = { per_page: 1, ...(wanted === undefined ? {} : { ref: wanted }) }
  const list = await client.call(`${base}/pipelines`, { query })
  if (!list.ok) return list
  const [newest] = Array.isArray(list.value.body) ? (list.value.body as unknown[]) : []
  if (newest !== undefined) return ok(field(newest, 'id'))
  const of = wanted === undefined ? '' : ` of ${wanted}`
  const command = `sluice pipeline run${wanted === undefined ? '' : ` --ref ${shellWord(wanted)}`}`
  return err(usageFailure('pipeline.none', `there is no pipeline${of} yet`, `make one: ${command}`))
}

/** The same, where digits are the number of a pipeline unless there is none of that number. */
export async function chosenPipeline(
  client: Client,
  base: string,
  wanted: string | undefined,
  flags: RemoteFlags,
): Promise<Result<string, Failure>> {
  if (wanted === undefined || !/^\d{1,15}$/.test(wanted)) return newestPipeline(client, base, wanted, flags)
  const pipeline = await client.call(`${base}/pipelines/${wanted}`)
  if (pipeline.ok) return ok(wanted)
  if (pipeline.error.status !== 404) return pipeline
  const named = await newestPipeline(client, base, wanted, flags)
  return named.ok
    ? named
    : err(usageFailure('pipeline.unknown', `there is no pipeline ${wanted} in this project`))
}

/** Undefined when this folder is none of the daemon's projects, or has no branch. */
async function branchHere(client: Client, flags: RemoteFlags): Promise<string | undefined> {
  const cwd = resolve(flags.cwd ?? '.')
  if (flags.project !== undefined || !client.daemon.projects.some(({ path }) => isInside(path, cwd)))
    return undefined
  try {
    return (await findWorkTree(cwd))?.branch ?? undefined
  } catch {
    // git's complaints about this folder do not matter for what a daemon is asked.
    return undefined
  }
}
