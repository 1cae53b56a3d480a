import { existsSync, readFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { daemonOf, runningDaemons, type DaemonNote, type NotedProject } from '../../platform/daemon-note.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { failure, usageFailure, type Failure } from '../failure.ts'
import { loadSettings } from '../load-settings.ts'
import { foldersOf } from '../state-folder.ts'

/** Which daemon a command speaks to. */
export interface DaemonFlags {
  readonly url?: string
  readonly config?: string
  readonly state?: string
  readonly cwd?: string
}

export interface Daemon {
  /** Without trailing slash. */
  readonly url: string
  /** Null: none is known, which is enough for what a trigger token opens. */
  readonly token: string | null
  /** What is known of its projects without asking. */
  readonly projects: readonly NotedProject[]
}

/** Whether a command needs an access token. */
export type Access = 'needed' | 'optional'

const START = 'start one: sluice serve; or name one: SLUICE_URL and SLUICE_TOKEN'

/**
 * `--url` or `SLUICE_URL` (with `SLUICE_TOKEN`), the daemon of the state folder or configuration that is named, that of the
 * `runner.config.yaml` here, or the one that runs; of several, the one that serves this folder.
 */
export function findDaemon(
  flags: DaemonFlags,
  { env }: Pick<CommandContext, 'env'>,
  access: Access = 'needed',
): Result<Daemon, Failure> {
  const url = flags.url ?? nonEmpty(env['SLUICE_URL'])
  if (url !== undefined) return named(url, flags, env, access)
  const note = findNote(flags, env)
  return note.ok ? withToken(note.value, env) : note
}

/** The note of a daemon on this machine, found in the same way. */
export function findDaemonNote(
  flags: DaemonFlags,
  { env }: Pick<CommandContext, 'env'>,
): Result<DaemonNote, Failure> {
  const url = flags.url ?? nonEmpty(env['SLUICE_URL'])
  if (url === undefined) return findNote(flags, env)
  const note = noteOf(url.replace(/\/+$/, ''), flags, env)
  return note
    ? ok(note)
    : err(failure(EXIT.refused, 'daemon.elsewhere', `no daemon on this machine answers at ${url}`, START))
}

/** Whether the command line or the environment says which daemon is meant. */
export function isAddressed(flags: DaemonFlags, { env }: Pick<CommandContext, 'env'>): boolean {
  if (flags.url !== undefined || flags.config !== undefined || nonEmpty(env['SLUICE_URL']) !== undefined)
    return true
  return flags.state !== undefined && daemonOf(foldersOf('.', flags.state, env).stateDir) !== undefined
}

function named(
  url: string,
  flags: DaemonFlags,
  env: NodeJS.ProcessEnv,
  access: Access,
): Result<Daemon, Failure> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    return err(usageFailure('daemon.url', `"${url}" is not an http or https address`))
  const plain = url.replace(/\/+$/, '')
  const token = nonEmpty(env['SLUICE_TOKEN'])
  if (token !== undefined) return ok({ url: plain, token, projects: [] })
  const note = noteOf(plain, flags, env)
  if (note) return withToken(note, env)
  if (access === 'optional') return ok({ url: plain, token: null, projects: [] })
  return err(
    usageFailure(
      'daemon.token',
      `there is no token for ${plain}`,
      'set SLUICE_TOKEN to an access token (glpat-…) of that daemon',
    ),
  )
}

function noteOf(url: string, flags: DaemonFlags, env: NodeJS.ProcessEnv): DaemonNote | undefined {
  return [...runningDaemons(env), ...stateNote(flags, env)].find((each) => each.url === url)
}

function stateNote(flags: DaemonFlags, env: NodeJS.ProcessEnv): DaemonNote[] {
  const note = flags.state === undefined ? undefined : daemonOf(foldersOf('.', flags.state, env).stateDir)
  return note ? [note] : []
}

function findNote(flags: DaemonFlags, env: NodeJS.ProcessEnv): Result<DaemonNote, Failure> {
  const cwd = resolve(flags.cwd ?? '.')
  const here = join(cwd, 'runner.config.yaml')
  const config = flags.config ?? (flags.state === undefined && existsSync(here) ? here : undefined)
  if (flags.state !== undefined) return ofState(foldersOf('.', flags.state, env).stateDir)
  if (config === undefined) return anyRunning(cwd, env)
  // The daemon says which file it follows: that file may be wrong at the moment, or need variables that are not set here.
  const [following, ...others] = runningDaemons(env).filter((note) => note.config === resolve(config))
  if (following && others.length === 0) return ok(following)
  const settings = loadSettings(config, env)
  if (!settings.ok) return settings
  return ofState(foldersOf(settings.value.path, settings.value.settings.state ?? undefined, env).stateDir)
}

function ofState(stateDir: string): Result<DaemonNote, Failure> {
  const note = daemonOf(stateDir)
  return note ? ok(note) : err(failure(EXIT.refused, 'daemon.none', `no daemon runs on ${stateDir}`, START))
}

function anyRunning(cwd: string, env: NodeJS.ProcessEnv): Result<DaemonNote, Failure> {
  const daemons = runningDaemons(env)
  const serving = daemons.filter(({ projects }) => projects.some(({ path }) => isInside(path, cwd)))
  const [found, ...others] = serving.length > 0 ? serving : daemons
  if (!found) return err(failure(EXIT.refused, 'daemon.none', 'no daemon runs here', START))
  if (others.length === 0) return ok(found)
  const list = [found, ...others].map(({ url, config }) => `${url} (${config})`).join(', ')
  return err(
    usageFailure(
      'daemon.several',
      `several daemons run: ${list}`,
      'name one with --config FILE or --url URL',
    ),
  )
}

/** Whether a folder is another or lies in it. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}

function withToken({ url, stateDir, projects }: DaemonNote, env: NodeJS.ProcessEnv): Result<Daemon, Failure> {
  const given = nonEmpty(env['SLUICE_TOKEN'])
  if (given !== undefined) return ok({ url, token: given, projects })
  const file = join(stateDir, 'access-token')
  try {
    return ok({ url, token: readFileSync(file, 'utf8').trim(), projects })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return err(failure(EXIT.refused, 'daemon.token', `${file} cannot be read: ${why}`, 'set SLUICE_TOKEN'))
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}
