import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { runGit, type GitPlace } from '../../platform/git-command.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { renderFailure, usageFailure, type Failure } from '../failure.ts'

export interface HookFlags {
  readonly pushOptions: boolean
}

interface HookCommand {
  readonly deed: 'install' | 'remove'
  /** Does it in a repository; resolves with what to say. */
  act(folder: string): Promise<Result<string, Failure>>
  readonly repository: string
  readonly flags: HookFlags
  readonly context: CommandContext
}

/** What the commands of `sluice hook` have in common. Resolves with the exit code. */
export async function hookCommand({ deed, act, repository, flags, context }: HookCommand): Promise<number> {
  const usage = `sluice hook ${deed} --push-options [REPO]`
  const outcome = flags.pushOptions
    ? await act(resolve(repository))
    : err(usageFailure('hook.which', 'say which hook: --push-options', usage))
  if (outcome.ok) {
    context.out(outcome.value)
    return EXIT.success
  }
  context.err(renderFailure(outcome.error))
  return outcome.error.exitCode
}

/** The folder of a repository's own files, which all its work trees share. */
export async function gitDirOf(place: GitPlace, folder: string): Promise<Result<string, Failure>> {
  const found = await runGit({ place, args: ['rev-parse', '--path-format=absolute', '--git-common-dir'] })
  return found.ok
    ? ok(found.value.toString().trim())
    : err(usageFailure('repository.missing', `${folder}: ${found.error.message}`))
}

/** Hooks that several repositories share; our own git never reads that setting, so it is asked for by its files. */
export async function hooksPathOf(place: GitPlace): Promise<string | undefined> {
  for (const scope of ['--local', '--global', '--system']) {
    const result = await runGit({ place, args: ['config', scope, '--get', 'core.hooksPath'] })
    if (result.ok) return result.value.toString().trim()
  }
  return undefined
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
