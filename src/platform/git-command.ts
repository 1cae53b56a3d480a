// One git command: an argument array (never a shell), a fixed environment, bounded output.
import { spawn } from 'node:child_process'
import { err, ok } from '../shared/result.ts'
import type { Result } from '../shared/result.ts'

/** Where git works, and with it whose configuration counts. */
export type GitPlace =
  /**
   * A git directory that was named to us. Nothing is searched for, so git does not ask who owns it; the configuration of the
   * machine and of the user is not read, and nothing that is missing is fetched from a remote.
   */
  | { readonly kind: 'repository'; readonly gitDir: string; readonly workTree?: string }
  /** A folder in the user's own work tree: their ignore rules, line endings, filters and `safe.directory` count, hooks never. */
  | { readonly kind: 'work-tree'; readonly folder: string }
  /** No repository yet. */
  | { readonly kind: 'none' }

export interface GitCommand {
  readonly place: GitPlace
  /** The sub-command and its arguments. Names that others chose are to be checked or placed after `--` by the caller. */
  readonly args: readonly string[]
  /** Configuration for this command alone: `core.splitIndex=false`. */
  readonly settings?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Bytes of stdout that are kept (default 512 MiB); more is a failure, or cut off with `truncate`. */
  readonly maxOutput?: number
  readonly truncate?: boolean
}

/** A command that did not do what it was asked. */
export interface GitFailure {
  /** `start`: git is not there or could not be started; `exit`: it said no; `output`: it said too much. */
  readonly kind: 'start' | 'exit' | 'output'
  readonly exitCode: number | null
  /** git's own words (stderr), or ours where it has none. */
  readonly message: string
  /** What it had said until then. */
  readonly stdout: Buffer
}

/** Runs one git command and gives its stdout. Never rejects. */
export function runGit(command: GitCommand): Promise<Result<Buffer, GitFailure>> {
  return new Promise((resolve) => {
    const { args, env } = gitInvocation(command.place, command.settings)
    const child = spawn('git', [...args, ...command.args], {
      // Not where we happen to stand: that folder may be gone, or be a repository.
      cwd: '/',
      env: { ...env, ...command.env },
      stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    const stdout = collect(command.maxOutput ?? 512 * 1024 * 1024, () => child.kill('SIGKILL'))
    const stderr = collect(64 * 1024)
    child.stdout?.on('data', stdout.add)
    child.stderr?.on('data', stderr.add)
    // A command that ends before it has read everything says why with its exit code.
    child.stdin?.on('error', () => {})
    child.stdin?.end(command.input)
    const fail = (kind: GitFailure['kind'], exitCode: number | null, message: string): void =>
      resolve(err({ kind, exitCode, message, stdout: stdout.bytes() }))
    child.on('error', (error) => fail('start', null, startFailure(error)))
    child.on('close', (code, signal) => {
      if (stdout.full()) {
        if (command.truncate) resolve(ok(stdout.bytes()))
        else fail('output', code, `git ${command.args[0] ?? ''} printed more than is read`)
      } else if (code === 0) resolve(ok(stdout.bytes()))
      else
        fail(
          'exit',
          code,
          stderr.bytes().toString().trim() ||
            `git ${command.args[0] ?? ''} ended with ${signal ?? `code ${code}`}`,
        )
    })
  })
}

/** The stdout of a command whose failure nobody foresees: rejects with git's own words. */
export async function gitOutput(command: GitCommand): Promise<Buffer> {
  const result = await runGit(command)
  if (!result.ok) throw gitError(result.error)
  return result.value
}

/** A failure as an exception, its message git's own words. */
export function gitError(failure: GitFailure): Error {
  return new Error(failure.message)
}

/** The arguments that stand before the sub-command, and the environment; for git processes that live longer than one command. */
export function gitInvocation(
  place: GitPlace,
  settings: readonly string[] = [],
): { args: string[]; env: NodeJS.ProcessEnv } {
  const args = [...alwaysSet, ...(place.kind === 'work-tree' ? [] : setForOurs), ...settings].flatMap(
    (setting) => ['-c', setting],
  )
  if (place.kind === 'repository') args.push(`--git-dir=${place.gitDir}`)
  if (place.kind === 'repository' && place.workTree !== undefined) args.push(`--work-tree=${place.workTree}`)
  const folder =
    place.kind === 'work-tree' ? place.folder : place.kind === 'repository' ? place.workTree : undefined
  if (folder !== undefined) args.push('-C', folder)
  return {
    args,
    env: {
      ...inheritedEnvironment(),
      ...alwaysInEnvironment,
      ...(place.kind === 'work-tree' ? {} : ownEnvironment),
    },
  }
}

/** A repository's own configuration could name programs here that git would run. */
const alwaysSet = ['core.hooksPath=/dev/null', 'core.fsmonitor=false']

/** Read from the home folder even without a global configuration. */
const setForOurs = [
  'core.excludesFile=/dev/null',
  'core.attributesFile=/dev/null',
  'core.warnAmbiguousRefs=false',
]

/** Messages are compared, so they stay English; replaced objects would give one sha two contents. */
const alwaysInEnvironment = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
}

const ownEnvironment = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_LAZY_FETCH: '1',
}

/** Everything but `GIT_*`: in a hook those point at another repository or index. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
}

function startFailure(error: Error): string {
  return 'code' in error && error.code === 'ENOENT'
    ? 'git is not installed, or not in PATH'
    : `git could not be started: ${error.message}`
}

function collect(
  limit: number,
  onFull: () => void = () => {},
): { add(chunk: Buffer): void; bytes(): Buffer; full(): boolean } {
  const chunks: Buffer[] = []
  let length = 0
  let full = false
  const add = (chunk: Buffer): void => {
    if (full) return
    full = length + chunk.length > limit
    chunks.push(full ? chunk.subarray(0, limit - length) : chunk)
    length += chunk.length
    if (full) onFull()
  }
  return { add, bytes: () => Buffer.concat(chunks), full: () => full }
}
