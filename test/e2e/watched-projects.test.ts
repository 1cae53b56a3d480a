// The built daemon follows repositories: a save in a work tree, a push with options into a bare repository.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository, repositoryAt, temporaryFolder } from '../support/git.ts'
import { makeHome, sluice, startSluice, type Home, type Running } from '../support/sluice.ts'

async function serve(home: Home, projects: string): Promise<Running> {
  const config = join(home.folder, 'runner.config.yaml')
  writeFileSync(config, `listen: 127.0.0.1:0\nprojects:\n${projects}`)
  const daemon = startSluice(home, ['serve', '--config', config, '--executor', 'shell'])
  await daemon.says(/http:\/\/127\.0\.0\.1:\d+/)
  return daemon
}

it('runs what was saved in a work tree, and writes nothing there', async () => {
  const repository = makeRepository({
    files: {
      '.gitlab-ci.yml': 'show:\n  script: [cat a.txt, "test $(cat a.txt) = two"]\n',
      'a.txt': 'one\n',
    },
  })
  const refs = repository.git('for-each-ref')
  const home = makeHome()
  const daemon = await serve(
    home,
    `  - {id: 1, name: g/app, path: ${repository.root}, watch: {working_tree: true}}\n`,
  )
  repository.write({ 'a.txt': 'two\n' })
  await daemon.says(/success|passed/)
  expect(repository.git('status', '--porcelain')).toBe(' M a.txt')
  expect(repository.git('for-each-ref')).toBe(refs)
  daemon.signal('SIGTERM')
  expect((await daemon.ended).code).toBe(0)
})

it('honours git push -o ci.skip once its hook is installed', async () => {
  const repository = makeRepository({ files: { '.gitlab-ci.yml': 'build:\n  script: echo built\n' } })
  const bare = join(temporaryFolder(), 'app.git')
  repository.git('clone', '--quiet', '--bare', repository.root, bare)
  const home = makeHome()
  expect(await sluice(home, ['hook', 'install', '--push-options', bare])).toMatchObject({
    code: 0,
    stderr: '',
  })
  const daemon = await serve(home, `  - {id: 1, name: g/app, path: ${bare}}\n`)
  repository.commit('second', { a: '1' })
  repository.git('push', '-q', '-o', 'ci.skip', bare, 'main')
  await daemon.says(/skipped/)
  repository.commit('third', { a: '2' })
  repository.git('push', '-q', bare, 'main')
  await daemon.says(/success|passed/)
  daemon.signal('SIGTERM')
  expect((await daemon.ended).code).toBe(0)
})

it('goes on with repositories that were moved away or replaced, and with the others meanwhile', async () => {
  const folder = temporaryFolder()
  const ci = { '.gitlab-ci.yml': 'build:\n  script: echo "built $CI_COMMIT_MESSAGE"\n' }
  const first = makeRepository({ folder: join(folder, 'first'), files: ci })
  const second = makeRepository({ folder: join(folder, 'second'), files: ci })
  const home = makeHome()
  const daemon = await serve(
    home,
    `  - {id: 1, name: g/first, path: ${first.root}}\n  - {id: 2, name: g/second, path: ${second.root}}\n`,
  )
  renameSync(first.root, `${first.root}-away`)
  await daemon.says(/g\/first cannot be watched at the moment: .*it is not there/)
  second.commit('others go on', { a: '1' })
  await daemon.says(/success.*g\/second|g\/second.*(success|passed)/)
  repositoryAt(`${first.root}-away`).commit('meanwhile', { a: '1' })
  renameSync(`${first.root}-away`, first.root)
  await daemon.says(/g\/first is watched again/)
  await daemon.says(/success.*g\/first|g\/first.*(success|passed)/)
  daemon.signal('SIGTERM')
  const { code, stdout } = await daemon.ended
  expect(code).toBe(0)
  expect(new Set(stdout.match(/"pipeline_id":\d+/g) ?? [])).toEqual(
    new Set(['"pipeline_id":1', '"pipeline_id":2']),
  )
})
