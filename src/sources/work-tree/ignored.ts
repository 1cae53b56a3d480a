import { runGit } from '../../platform/git-command.ts'

/** Which of these paths git would not take in, by `.gitignore` and the user's own rules. Empty when git cannot say. */
export async function ignoredPaths(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set()
  const result = await runGit({
    place: { kind: 'work-tree', folder: root },
    args: ['check-ignore', '-z', '--stdin'],
    input: paths.map((path) => `${path}\0`).join(''),
  })
  return new Set(result.ok ? result.value.toString().split('\0') : [])
}
