import { runGit } from '../platform/git-command.ts'

/** What a repository's branches say. */
export interface BranchFacts {
  readonly defaultBranch: string
  /** Where the remote's copy of the current branch stands. */
  readonly pushedSha: string | null
}

/**
 * Reads refs in one process. The default branch is what origin/HEAD names, else main, master, or `current`, the branch that
 * HEAD names (null when it is detached).
 */
export async function readBranches(gitDir: string, current: string | null): Promise<BranchFacts> {
  const patterns = ['refs/heads/main', 'refs/heads/master', 'refs/remotes/origin/HEAD']
  if (current !== null) patterns.push(`refs/remotes/origin/${current}`)
  const args = ['for-each-ref', '--format=%(refname) %(objectname) %(symref)', ...patterns]
  const result = await runGit({ place: { kind: 'repository', gitDir }, args })
  const rows = (result.ok ? result.value.toString() : '').split('\n').map((row) => row.split(' '))
  const refs = new Map(rows.map(([name = '', sha = '', target = '']) => [name, { sha, target }]))
  const remoteHead = refs.get('refs/remotes/origin/HEAD')?.target.replace(/^refs\/remotes\/origin\//, '')
  const usual = ['main', 'master'].find((name) => refs.has(`refs/heads/${name}`))
  return {
    defaultBranch: remoteHead || usual || (current ?? 'main'),
    pushedSha: refs.get(`refs/remotes/origin/${current ?? ''}`)?.sha ?? null,
  }
}

/** The branch that a bare repository's HEAD names; null when it is detached. */
export async function currentBranch(gitDir: string): Promise<string | null> {
  const result = await runGit({
    place: { kind: 'repository', gitDir },
    args: ['symbolic-ref', '--quiet', '--short', 'HEAD'],
  })
  return result.ok ? result.value.toString().trim() : null
}
