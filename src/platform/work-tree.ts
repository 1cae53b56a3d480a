import { gitError, gitOutput, runGit } from './git-command.ts'
import type { GitPlace } from './git-command.ts'
import { randomToken } from './random.ts'

/** A work tree as git sees it from some folder inside; all paths absolute. */
export interface WorkTree {
  readonly root: string
  /** Index and HEAD of this work tree; for a linked one a folder below `commonDir`. */
  readonly gitDir: string
  /** Objects and refs. */
  readonly commonDir: string
  /** Null when there is no commit yet. */
  readonly headSha: string | null
  /** Null when HEAD is detached. */
  readonly branch: string | null
}

/**
 * Finds the work tree that `cwd` lies in, in one process; undefined when there is none (also in a bare repository and inside
 * `.git`). Rejects with git's own words when git refuses, for example because the repository belongs to someone else.
 */
export async function findWorkTree(cwd: string): Promise<WorkTree | undefined> {
  const place: GitPlace = { kind: 'work-tree', folder: cwd }
  // rev-parse repeats options that it does not know; paths may hold line feeds, but not a name thrown a moment ago.
  const separator = randomToken('--sluice-', 9)
  const args = [
    '--show-toplevel',
    separator,
    '--absolute-git-dir',
    separator,
    '--path-format=absolute',
    '--git-common-dir',
    separator,
  ]
  const result = await runGit({ place, args: ['rev-parse', ...args, 'HEAD', '--symbolic-full-name', 'HEAD'] })
  const output = result.ok ? result.value : result.error.stdout
  const [root, gitDir, commonDir, head] = output.toString().split(`\n${separator}\n`)
  // Without a commit HEAD cannot be named and rev-parse ends there, but all that comes before has been said.
  if (root !== undefined && gitDir !== undefined && commonDir !== undefined)
    return { root, gitDir, commonDir, ...(await readHead(place, result.ok ? head : undefined)) }
  if (result.ok || /not a git repository|must be run in a work tree/.test(result.error.message))
    return undefined
  throw gitError(result.error)
}

async function readHead(
  place: GitPlace,
  head: string | undefined,
): Promise<Pick<WorkTree, 'headSha' | 'branch'>> {
  const [headSha, name] = head?.split('\n') ?? []
  if (headSha !== undefined && name !== undefined) return { headSha, branch: branchOf(name) }
  return {
    headSha: null,
    branch: branchOf((await gitOutput({ place, args: ['symbolic-ref', 'HEAD'] })).toString().trim()),
  }
}

function branchOf(fullName: string): string | null {
  return fullName.startsWith('refs/heads/') ? fullName.slice('refs/heads/'.length) : null
}
