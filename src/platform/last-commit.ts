import { runGit } from './git-command.ts'

/** The last commit that changed a path, seen from `sha`; undefined when none ever did. */
export async function lastCommitOf(gitDir: string, sha: string, path: string): Promise<string | undefined> {
  const result = await runGit({
    place: { kind: 'repository', gitDir },
    args: ['--literal-pathspecs', 'rev-list', '--max-count=1', sha, '--', path],
  })
  const commit = result.ok ? result.value.toString().trim() : ''
  return commit === '' ? undefined : commit
}
