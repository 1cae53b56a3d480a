// `sluice watch` while jobs run, and where it begins or ends with something wrong.
import { cpSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository } from '../support/git.ts'
import { makeHome, startSluice } from '../support/sluice.ts'
import { jobsRun, watchingIn } from '../support/watch.ts'

/** `slow` runs until the file `go` is beside the repository's folder. */
const WAITS = (gate: string): string => `until [ -e ${gate} ]; do sleep 0.05; done`

function slowFiles(): { readonly files: Record<string, string>; readonly gate: string } {
  const gate = join(makeHome().folder, 'gate')
  const file = `
first: {script: cat a.txt}
slow: {script: [cat slow.txt, "${WAITS(gate)}"], needs: [first]}
other: {script: cat b.txt}
`
  return { gate, files: { '.gitlab-ci.yml': file, 'a.txt': '1', 'b.txt': '1', 'slow.txt': '1' } }
}

it('lets a run go on that a save does not touch, and runs the touched job beside it', async () => {
  const { files, gate } = slowFiles()
  const { repository, until } = await watchingIn(files)
  repository.write({ 'slow.txt': '2' })
  await until('job.started')
  repository.write({ 'b.txt': '2' })
  const beside = await until('pipeline.finished')
  expect(beside[0]).toMatchObject({ type: 'watch.changed', jobs: [{ name: 'other', because: 'script' }] })
  expect(jobsRun(beside)).toEqual(['other success'])
  writeFileSync(gate, '')
  const rest = await until('watch.waiting')
  expect(rest.map(({ type }) => type)).toEqual(['job.finished', 'pipeline.finished', 'watch.waiting'])
  expect(jobsRun(rest)).toEqual(['slow success'])
})

it('starts anew only what had not ended yet', async () => {
  const { files, gate } = slowFiles()
  const { repository, until } = await watchingIn(files)
  repository.write({ 'a.txt': '2', 'b.txt': '2' })
  const begun = await until('job.finished')
  expect(begun[0]).toMatchObject({ jobs: [{ name: 'first' }, { name: 'slow' }, { name: 'other' }] })
  const ended = new Set([begun, await until('job.finished')].map((records) => nameOf(records)))
  expect(ended).toEqual(new Set(['first', 'other']))
  repository.write({ 'slow.txt': '2' })
  expect(jobsRun(await until('pipeline.finished'))).toContain('slow canceled')
  writeFileSync(gate, '')
  const anew = await until('watch.waiting')
  expect(anew[0]).toMatchObject({ type: 'watch.changed', jobs: [{ name: 'slow', because: 'script' }] })
  expect(jobsRun(anew)).toEqual(['slow success'])
})

function nameOf(records: readonly { readonly [key: string]: unknown }[]): unknown {
  return (records.at(-1)?.['job'] as { name: string } | undefined)?.name
}

it('plays no manual job that nobody asked for, neither again nor anew', async () => {
  const { files, gate } = slowFiles()
  const played = `${gate}-played`
  const file = `${files['.gitlab-ci.yml'] ?? ''}deploy: {script: touch ${played}, when: manual, needs: [first]}\n`
  const { repository, watch, until } = await watchingIn({ ...files, '.gitlab-ci.yml': file })
  watch.type('a\n')
  await until('job.finished')
  repository.write({ 'slow.txt': '2' })
  await until('pipeline.finished')
  writeFileSync(gate, '')
  const anew = await until('watch.waiting')
  expect(jobsRun(anew)).toEqual(['first success', 'slow success', 'other success', 'deploy manual'])
  watch.type('\n')
  expect(jobsRun(await until('watch.waiting'))).toContain('deploy manual')
  expect(existsSync(played)).toBe(false)
})

it('runs all jobs of a CI file that was wrong at the start, once it is right', async () => {
  const { repository, until } = await watchingIn({ '.gitlab-ci.yml': 'a: {scrip: x}\n' })
  const wrong = await until('watch.waiting')
  expect(wrong[0]).toMatchObject({ type: 'pipeline.finished', errors: [{ file: '.gitlab-ci.yml' }] })
  repository.write({ '.gitlab-ci.yml': 'a: {script: echo a}\nb: {script: echo b}\n' })
  const right = await until('watch.waiting')
  expect(right[0]).toMatchObject({
    jobs: [
      { name: 'a', because: 'CI file' },
      { name: 'b', because: 'CI file' },
    ],
  })
})

it('says that it waits again when a mistake is taken back, and after a save that touches nothing', async () => {
  const file = 'a: {script: cat a.txt}\n'
  const { repository, until } = await watchingIn({ '.gitlab-ci.yml': file, 'a.txt': '1' })
  repository.write({ '.gitlab-ci.yml': 'a: {scrip: x}\n' })
  await until('watch.waiting')
  repository.write({ '.gitlab-ci.yml': file })
  expect(await until('watch.waiting')).toHaveLength(1)
  repository.write({ unnamed: '1' })
  expect(await until('watch.waiting')).toMatchObject([
    { type: 'watch.changed', files: ['unnamed'], jobs: [] },
    { type: 'watch.waiting' },
  ])
})

it('ends when nobody reads its output any more', async () => {
  const repository = makeRepository({ files: { '.gitlab-ci.yml': 'a: {script: cat a.txt}\n', 'a.txt': '1' } })
  const watch = startSluice(makeHome(), ['watch', '--json', '--executor', 'shell'], { cwd: repository.root })
  await watch.says(/watch\.ready/)
  watch.stopReading()
  repository.write({ 'a.txt': '2' })
  expect((await watch.ended).code).toBe(0)
})

it('goes on when the snapshot that it compares with was swept away', async () => {
  const { files } = slowFiles()
  const { repository, home, until } = await watchingIn(files)
  repository.write({ 'b.txt': '2' })
  await until('watch.waiting')
  repository.write({ unnamed: 'not pinned by any pipeline' })
  await until('watch.waiting')
  const states = join(home.folder, 'state/sluice')
  for (const name of readdirSync(states))
    repository.git('--git-dir', join(states, name, 'mirror.git'), 'gc', '--quiet', '--prune=now')
  repository.write({ 'a.txt': '2' })
  expect((await until('watch.changed')).at(-1)).toMatchObject({ reason: 'save' })
})

it('follows a repository that was removed and came back', async () => {
  const { repository, until } = await watchingIn({
    '.gitlab-ci.yml': 'a: {script: cat a.txt}\n',
    'a.txt': '1',
  })
  const aside = `${repository.root}-aside`
  cpSync(repository.root, aside, { recursive: true })
  rmSync(repository.root, { recursive: true })
  expect(await until('watch.waiting')).toMatchObject([
    { type: 'pipeline.finished' },
    { type: 'watch.waiting' },
  ])
  writeFileSync(join(aside, 'a.txt'), '2')
  renameSync(aside, repository.root)
  expect((await until('watch.waiting'))[0]).toMatchObject({ files: ['a.txt'], jobs: [{ name: 'a' }] })
  repository.write({ 'a.txt': '3' })
  expect((await until('watch.waiting'))[0]).toMatchObject({ files: ['a.txt'] })
})
