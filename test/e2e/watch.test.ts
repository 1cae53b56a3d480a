// `sluice watch` in real repositories: files are saved as editors save them, keys are typed, jobs run.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRepository } from '../support/git.ts'
import { makeHome, startSluice } from '../support/sluice.ts'
import { jobsRun, watchingIn, type WatchScene } from '../support/watch.ts'

const FILES = {
  '.gitlab-ci.yml': `
compile: {script: cat src.txt}
check: {script: [cat check.txt, grep -q ok check.txt]}
report: {script: echo reported, needs: [compile]}
quiet: {script: echo nothing}
`,
  'src.txt': 'one\n',
  'check.txt': 'ok\n',
  '.gitignore': 'ignored/\n*.log\n',
}

function watching(...args: string[]): Promise<WatchScene> {
  return watchingIn(FILES, ...args)
}

describe('sluice watch', () => {
  it('runs what a save touches and what needs it, and ends with q', async () => {
    const { repository, watch, until } = await watching()
    repository.write({ 'src.txt': 'two\n' })
    const records = await until('watch.waiting')
    expect(records[0]).toEqual({
      type: 'watch.changed',
      schema: 1,
      reason: 'save',
      files: ['src.txt'],
      jobs: [
        { name: 'compile', because: 'script' },
        { name: 'report', because: 'needs' },
      ],
    })
    expect(jobsRun(records)).toEqual(['compile success', 'report success'])
    expect(repository.git('status', '--porcelain')).toBe(' M src.txt')
    watch.type('q\n')
    expect((await watch.ended).code).toBe(0)
  })

  it('sees a save by renaming, and nothing in ignored files and .git', async () => {
    const { repository, until } = await watching()
    repository.write({ 'a.log': 'x', 'ignored/deep/file': 'x' })
    repository.git('tag', 'v1')
    writeFileSync(join(repository.root, '.check.txt.swp'), 'ok again\n')
    renameSync(join(repository.root, '.check.txt.swp'), join(repository.root, 'check.txt'))
    const records = await until('watch.waiting')
    expect(records.filter(({ type }) => type === 'watch.changed')).toMatchObject([{ files: ['check.txt'] }])
    expect(jobsRun(records)).toEqual(['check success'])
  })

  it('follows files in folders that are new', async () => {
    const { repository, until } = await watching('quiet')
    repository.write({ 'new/deep/a.txt': '1' })
    expect((await until('watch.waiting'))[0]).toMatchObject({
      jobs: [{ name: 'quiet', because: 'any file' }],
    })
    repository.write({ 'new/deep/a.txt': '2' })
    const [changed] = await until('watch.waiting')
    expect(changed).toMatchObject({
      files: ['new/deep/a.txt'],
      jobs: [{ name: 'quiet', because: 'any file' }],
    })
  })

  it('keeps a failure until it passes', async () => {
    const { repository, watch, until } = await watching()
    repository.write({ 'check.txt': 'bad\n' })
    expect((await until('watch.waiting')).at(-1)).toMatchObject({ failing: ['check'] })
    repository.write({ 'src.txt': 'two\n' })
    expect((await until('watch.waiting')).at(-1)).toMatchObject({ failing: ['check'] })
    watch.type('f\n')
    const records = await until('watch.waiting')
    expect(records[0]).toMatchObject({ reason: 'failed', jobs: [{ name: 'check' }] })
    repository.write({ 'check.txt': 'ok\n' })
    expect((await until('watch.waiting')).at(-1)).toMatchObject({ failing: [] })
    watch.type('\n')
    expect((await until('watch.waiting'))[0]).toMatchObject({ reason: 'again', jobs: [{ name: 'check' }] })
    watch.type('p\nquiet\n')
    expect((await until('watch.waiting'))[0]).toMatchObject({ reason: 'picked', jobs: [{ name: 'quiet' }] })
    watch.type('a\n')
    expect(jobsRun(await until('watch.waiting'))).toHaveLength(4)
  })

  it('runs nothing of a CI file that is wrong, and what changed once it is right', async () => {
    const { repository, until } = await watching()
    repository.write({ '.gitlab-ci.yml': 'compile: {scrip: x}\n' })
    const wrong = await until('watch.waiting')
    expect(wrong.map(({ type }) => type)).toEqual(['pipeline.finished', 'watch.waiting'])
    expect(wrong[0]).toMatchObject({ errors: [{ file: '.gitlab-ci.yml', line: 1 }] })
    repository.write({ '.gitlab-ci.yml': FILES['.gitlab-ci.yml'].replace('echo nothing', 'echo something') })
    const right = await until('watch.waiting')
    expect(right[0]).toMatchObject({ jobs: [{ name: 'quiet', because: 'CI file' }] })
  })

  it('cancels what a newer save makes stale, and starts anew', async () => {
    const { repository, watch, until } = await watching()
    const slow = FILES['.gitlab-ci.yml'].replace(
      'cat src.txt',
      '[cat src.txt, "[ -e slow.txt ] && sleep 600 || true"]',
    )
    repository.write({ '.gitlab-ci.yml': slow, 'slow.txt': '1' })
    await until('job.started')
    repository.write({ 'slow.txt': null })
    const stale = await until('pipeline.finished')
    expect(jobsRun(stale)).toContain('compile canceled')
    const fresh = await until('watch.waiting')
    expect(jobsRun(fresh)).toContain('compile success')
    watch.signal('SIGINT')
    expect((await watch.ended).code).toBe(130)
  })

  it('ends what runs when it is interrupted', async () => {
    const { repository, watch, until } = await watching()
    repository.write({ '.gitlab-ci.yml': 'long: {script: sleep 600}\n' })
    await until('job.started')
    watch.signal('SIGINT')
    expect((await watch.ended).code).toBe(130)
  })

  it('refuses a job that there is not', async () => {
    const repository = makeRepository({ files: FILES })
    const watch = startSluice(makeHome(), ['watch', 'complie'], { cwd: repository.root })
    expect(await watch.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('compile') as string })
  })
})
