import { resolve } from 'node:path'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { renderFailure, usageFailure, type Failure } from '../failure.ts'
import { makeClient, type Client } from './client.ts'
import { findDaemon, isInside, type Access, type DaemonFlags } from './find-daemon.ts'

/** Flags of every command that speaks to a daemon. */
export interface RemoteFlags extends DaemonFlags {
  readonly project?: string
  readonly json?: boolean
}

/** Runs a command against a daemon; a failure is told on stderr and becomes the exit code. */
export async function withDaemon(
  flags: RemoteFlags,
  context: CommandContext,
  work: (client: Client) => Promise<Result<number, Failure>>,
  access: Access = 'needed',
): Promise<number> {
  const daemon = findDaemon(flags, context, access)
  const outcome = daemon.ok ? await work(makeClient(daemon.value)) : daemon
  if (outcome.ok) return outcome.value
  context.err(renderFailure(outcome.error))
  return outcome.error.exitCode
}

/** The same for commands about one project; `base` is its path in the API, `/projects/9`. */
export function withProject(
  flags: RemoteFlags,
  context: CommandContext,
  work: (client: Client, base: string) => Promise<Result<number, Failure>>,
  access: Access = 'needed',
): Promise<number> {
  const workThere = async (client: Client): Promise<Result<number, Failure>> => {
    const project = await chooseProject(flags, client)
    return project.ok ? work(client, baseOf(project.value)) : project
  }
  return withDaemon(flags, context, workThere, access)
}

/** Where a project lies in the API. */
export function baseOf(project: string): string {
  return `/projects/${encodeURIComponent(project)}`
}

/** Prints one thing as JSON or as text, and ends well. */
export function done(
  context: CommandContext,
  flags: RemoteFlags,
  value: unknown,
  text: string,
): Result<number, never> {
  context.out(flags.json ? `${JSON.stringify(value)}\n` : text)
  return ok(EXIT.success)
}

/** The one that is named, the one that this folder belongs to, or the only one. */
export async function chooseProject(flags: RemoteFlags, client: Client): Promise<Result<string, Failure>> {
  if (flags.project !== undefined) return ok(flags.project)
  const cwd = resolve(flags.cwd ?? '.')
  const here = client.daemon.projects.find(({ path }) => isInside(path, cwd))
  if (here) return ok(String(here.id))
  if (client.daemon.token === null)
    return err(usageFailure('project.unnamed', 'which project?', 'name it with --project'))
  const projects = await client.list('/projects')
  if (!projects.ok) return projects
  const names = projects.value.map((project) => field(project, 'path_with_namespace'))
  const [only, ...others] = projects.value
  if (only !== undefined && others.length === 0) return ok(field(only, 'id'))
  return err(
    usageFailure(
      'project.unnamed',
      names.length === 0 ? 'the daemon serves no project' : `which project? ${names.join(', ')}`,
      names.length === 0 ? 'add one to its runner.config.yaml' : 'name it with --project',
    ),
  )
}

/** A value of a JSON object as text, of a list its items; empty when it is not there, or is an object. */
export function field(value: unknown, ...path: readonly string[]): string {
  let at = value
  for (const key of path)
    at = typeof at === 'object' && at !== null ? new Map(Object.entries(at)).get(key) : undefined
  if (Array.isArray(at)) return at.map(String).join(',')
  return typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean' ? String(at) : ''
}
