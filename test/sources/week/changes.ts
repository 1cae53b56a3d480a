import type { Random } from '../../support/random.ts'
import type { Repository, Week } from './week.ts'

let commits = 0

/** One thing that somebody does to a repository. Returns what it was. */
export function changeRepository(week: Week, id: number, random: Random): string {
  const repository = week.repositories.get(id)
  if (!repository) throw new Error(`there is no repository ${id}`)
  const { git, branches, tags } = repository
  const number = ++commits
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const file = { [`file-${number % 7}`]: `${number}\n` }
  const branch = pick(branches)
  const tag = pick(tags)
  const dice = random()

  if (dice < 0.3) {
    repository.commit(`commit ${number}`, file)
    return 'commit'
  }
  if (dice < 0.38) {
    week.skipped.add(repository.commit(`commit ${number} [skip ci]`, file))
    return 'skip'
  }
  if (dice < 0.5) {
    git('tag', `v${number}`)
    tags.push(`v${number}`)
    return 'tag'
  }
  if (dice < 0.55 && tag !== undefined) {
    git('tag', '-f', tag, 'HEAD~0')
    return 'tag moved'
  }
  if (dice < 0.6 && tag !== undefined) {
    git('tag', '-d', tag)
    tags.splice(tags.indexOf(tag), 1)
    return 'tag deleted'
  }
  if (dice < 0.72 || branch === undefined) {
    const name = `${random() < 0.5 ? 'release' : 'feature'}/${number}`
    git('branch', name)
    branches.push(name)
    return 'branch'
  }
  if (dice < 0.82) {
    // Nobody's old tip: another parent, another message.
    const tree = git('rev-parse', 'HEAD^{tree}')
    const sha = git('commit-tree', tree, '-m', `forced ${number}`)
    git('update-ref', `refs/heads/${branch}`, sha)
    return 'force-push'
  }
  if (dice < 0.88) {
    git('pack-refs', '--all')
    return 'pack-refs'
  }
  if (dice < 0.93) {
    breakBranch(week, repository, branch, number)
    return 'broken'
  }
  git('branch', '-D', branch)
  branches.splice(branches.indexOf(branch), 1)
  return 'branch deleted'
}

/** A commit whose configuration cannot be read. */
function breakBranch(week: Week, { git, commit }: Repository, branch: string, number: number): void {
  git('checkout', '-q', branch)
  week.broken.add(commit(`broken ${number}`, { '.gitlab-ci.yml': `build: {script: [\n# ${number}\n` }))
  git('checkout', '-q', 'main')
}
