import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runGit, type GitPlace } from '../../platform/git-command.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { failure, usageFailure, type Failure } from '../failure.ts'
import { gitDirOf, hookCommand, hooksPathOf, readText, type HookFlags } from './hook-command.ts'
import {
  MARKER,
  POST_RECEIVE,
  POST_RECEIVE_LINE,
  PRE_RECEIVE,
  PRE_RECEIVE_LINE,
  RECORD,
} from './push-hook-text.ts'

/**
 * `sluice hook install --push-options [REPO]`: lets a repository write down the options of `git push -o`, which only a receive
 * hook sees. A hook of somebody else's is never overwritten: then the line to add is printed, and the exit code is 2.
 */
export function installHookCommand(
  repository: string,
  flags: HookFlags,
  context: CommandContext,
): Promise<number> {
  return hookCommand({ deed: 'install', act: install, repository, flags, context })
}

async function install(folder: string): Promise<Result<string, Failure>> {
  const place: GitPlace = { kind: 'work-tree', folder }
  const found = await gitDirOf(place, folder)
  if (!found.ok) return found
  const gitDir = found.value
  const shared = await hooksPathOf(place)
  try {
    mkdirSync(join(gitDir, 'sluice'), { recursive: true })
    writeFileSync(join(gitDir, 'sluice', 'record-push-options'), RECORD)
    const hooks = join(gitDir, 'hooks')
    const foreign =
      shared === undefined
        ? [
            ...writeHook(hooks, 'pre-receive', PRE_RECEIVE, PRE_RECEIVE_LINE),
            ...writeHook(hooks, 'post-receive', POST_RECEIVE, POST_RECEIVE_LINE),
          ]
        : [
            `core.hooksPath is ${shared}: add to its pre-receive, before it reads its input\n    ${PRE_RECEIVE_LINE}`,
            `and to its post-receive\n    ${POST_RECEIVE_LINE}`,
          ]
    const set = await runGit({ place, args: ['config', '--local', 'receive.advertisePushOptions', 'true'] })
    if (!set.ok) return err(failure(EXIT.machine, 'hook.config', set.error.message))
    if (foreign.length > 0) return err(usageFailure('hook.foreign', foreign.join('\n  ')))
    return ok(
      `${gitDir}: pre-receive and post-receive are written, receive.advertisePushOptions is true\n` +
        'git push -o ci.skip, -o ci.variable="KEY=value" and -o ci.input="name=value" reach Sluice from now on\n',
    )
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return err(failure(EXIT.machine, 'hook.write', `${gitDir}: ${message}`))
  }
}

/** What the hook lacks when it is not ours; nothing when it is written. */
function writeHook(folder: string, name: string, text: string, line: string): string[] {
  const path = join(folder, name)
  const known = readText(path)
  if (known !== undefined && !known.includes(MARKER)) {
    if (known.includes(line)) return []
    return [`${path} is not Sluice's and stays as it is; add to it, before it reads its input\n    ${line}`]
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return []
}
