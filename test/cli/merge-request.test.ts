import { beforeAll, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../support/git.ts'
import { makeHome, sluice, type Finished, type Home } from '../support/sluice.ts'

const CI = `
show:
  script:
    - echo "source=$CI_MERGE_REQUEST_SOURCE_BRANCH_NAME target=$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - echo "base=$CI_MERGE_REQUEST_DIFF_BASE_SHA"
    - echo "branch=[$CI_COMMIT_BRANCH] before=$CI_COMMIT_BEFORE_SHA"
  only: [merge_requests]
by default: {script: x}
branches: {script: x, only: [branches]}
docs:
  script: x
  rules:
    - {if: $CI_MERGE_REQUEST_IID, changes: [docs/*]}
source:
  script: x
  rules:
    - {if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_COMMIT_BRANCH == null, changes: [src/*]}
later:
  script: x
  rules:
    - {changes: [later/*]}
`

/** main goes on after `topic` has left it: what main added since is no change of the merge request. */
function topicRepository(): TestRepository & { readonly base: string; readonly tip: string } {
  const repository = makeRepository({ files: { '.gitlab-ci.yml': CI } })
  const base = repository.git('rev-parse', 'HEAD')
  repository.git('switch', '-q', '-c', 'topic')
  repository.commit('Add a page', { 'docs/page.md': 'page' })
  repository.git('switch', '-q', 'main')
  const tip = repository.commit('later', { 'later/file': 'x' })
  repository.git('switch', '-q', 'topic')
  return { ...repository, base, tip }
}

const namesIn = ({ stdout }: Finished): readonly string[] =>
  (JSON.parse(stdout) as { readonly jobs: readonly { readonly name: string }[] }).jobs.map(({ name }) => name)

const EVENT = ['--event', 'merge_request_event']

describe('--event merge_request_event', () => {
  let home: Home
  let repository: ReturnType<typeof topicRepository>
  beforeAll(() => {
    home = makeHome()
    repository = topicRepository()
  })
  const run = (...args: string[]): Promise<Finished> => sluice(home, args, { cwd: repository.root })

  it('compares with the merge base, and takes no job that only branches have', async () => {
    expect(namesIn(await run('list', '--json', ...EVENT, '--target-branch', 'main'))).toEqual([
      'show',
      'docs',
    ])
  })

  it('takes the default branch for the target', async () => {
    expect(namesIn(await run('list', '--json', ...EVENT))).toEqual(['show', 'docs'])
  })

  it('prefers the copy of the remote', async () => {
    repository.git('update-ref', 'refs/remotes/origin/stable', repository.base)
    repository.git('branch', 'stable', 'topic')
    expect(namesIn(await run('list', '--json', ...EVENT, '--target-branch', 'stable'))).toEqual([
      'show',
      'docs',
    ])
  })

  it('counts what is not committed', async () => {
    const dirty = topicRepository()
    dirty.write({ 'src/new.ts': '' })
    const listed = await sluice(home, ['list', '--json', ...EVENT], { cwd: dirty.root })
    expect(namesIn(listed)).toEqual(['show', 'docs', 'source'])
  })

  it('says so when there is no such branch', async () => {
    const listed = await run('list', '--json', ...EVENT, '--target-branch', 'nowhere')
    expect(listed.stderr).toBe(
      'notice: no branch "nowhere" here or at origin: there is nothing to compare with, and every rules:changes is true\n',
    )
    expect(namesIn(listed)).toEqual(['show', 'docs', 'source', 'later'])
  })

  it('gives the jobs of a run its variables', async () => {
    const { code, stdout } = await run('run', 'show', ...EVENT, '--target-branch', 'main')
    expect(code).toBe(0)
    expect(stdout).toContain('source=topic target=main')
    expect(stdout).toContain(`base=${repository.base}`)
    expect(stdout).toContain(`branch=[] before=${'0'.repeat(40)}`)
  })

  it('explains a variable of it', async () => {
    const { stdout } = await run(
      'explain',
      'var',
      'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
      ...EVENT,
      '--ref',
      'other',
    )
    expect(stdout).toContain('other')
  })

  it.each(['run', 'list', 'lint', 'preview', 'explain'])(
    '%s: a target branch without the event is wrong use',
    async (command) => {
      const { code, stderr } = await run(command, '--target-branch', 'main')
      expect(code).toBe(2)
      expect(stderr).toContain('error: --target-branch needs --event merge_request_event\n')
      expect(stderr).toContain('only a merge request has a target branch: add --event merge_request_event')
    },
  )

  it('has no tag', async () => {
    const { code, stderr } = await run('list', ...EVENT, '--tag', 'v1')
    expect(code).toBe(2)
    expect(stderr).toContain('--tag and --event merge_request_event exclude each other')
  })
})
