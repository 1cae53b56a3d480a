import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runGit, type GitPlace } from '../../platform/git-command.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { failure, usageFailure, type Failure } from '../failure.ts'
import { gitDirOf, hookCommand, hooksPathOf, readText, type HookFlags } from './hook-command.ts'
import { MARKER, POST_RECEIVE_LINE, PRE_RECEIVE_LINE } from './push-hook-text.ts'

/** What `hook install --push-options` leaves below `sluice/`, and what its hooks write there. */
const WRITTEN = ['record-push-options', 'push-options', 'pushed']

/**
 * `sluice hook remove --push-options [REPO]`: takes away what `hook install` wrote. A hook of somebody else's that has
 * our line stays as it is: then the line to delete is printed, and the exit code is 2.
 */
export function removeHookCommand(
  repository: string,
  flags: HookFlags,
  context: CommandContext,
): Promise<number> {
  return hookCommand({ deed: 'remove', act: remove, repository, flags, context })
}

async function remove(folder: string): Promise<Result<string, Failure>> {
  const place: GitPlace = { kind: 'work-tree', folder }
  const found = await gitDirOf(place, folder)
  if (!found.ok) return found
  const gitDir = found.value
  const hooks = (await hooksPathOf(place)) ?? join(gitDir, 'hooks')
  try {
    const foreign = [
      ...removeHook(resolve(folder, hooks), 'pre-receive', PRE_RECEIVE_LINE),
      ...removeHook(resolve(folder, hooks), 'post-receive', POST_RECEIVE_LINE),
    ]
    // A hook of somebody else's that still reads it would fail without: then it stays until the line is gone.
    if (foreign.length > 0) return err(usageFailure('hook.foreign', foreign.join('\n  ')))
    for (const name of WRITTEN) rmSync(join(gitDir, 'sluice', name), { recursive: true, force: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return err(failure(EXIT.machine, 'hook.write', `${gitDir}: ${message}`))
  }
  await runGit({ place, args: ['config', '--local', '--unset-all', 'receive.advertisePushOptions'] })
  return ok(`${gitDir}: the hooks of Sluice are gone, and receive.advertisePushOptions is not set any more\n`)
}

/** What somebody has to delete by hand; nothing when the hook is gone, or has nothing of ours. */
function removeHook(folder: string, name: string, line: string): string[] {
  const path = join(folder, name)
  const text = readText(path)
  if (text?.includes(MARKER)) rmSync(path)
  else if (text?.includes(line))
    return [
      `${path} is not Sluice's and stays as it is; delete from it\n    ${line}\n  and run this once more`,
    ]
  return []
}
