import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openRepository } from '../../../src/platform/git.ts'
import { makeRepository } from '../../support/git.ts'

it('lists thousands of refs, tags of tags and of trees among them', async () => {
  const repository = makeRepository({ files: { a: '1' } })
  const head = repository.git('rev-parse', 'HEAD')
  const ids = Array.from({ length: 600 }, (_, index) =>
    repository.git('commit-tree', '-p', head, '-m', `${index}`, 'HEAD^{tree}'),
  )
  const rows = ids.map((id, index) => `${id} refs/heads/b${String(index).padStart(4, '0')}\n`)
  writeFileSync(join(repository.gitDir, 'packed-refs'), `# pack-refs with: sorted \n${rows.join('')}`)
  repository.git('tag', '-a', 'v1', '-m', 'one')
  repository.git('tag', '-a', 'v2', '-m', 'two', 'v1')
  repository.git('tag', 'tree', 'HEAD^{tree}')
  const opened = openRepository(repository.gitDir)
  const refs = await opened.refs()
  opened.close()
  expect(refs.filter(({ tag }) => tag)).toEqual([
    { name: 'v1', tag: true, sha: head },
    { name: 'v2', tag: true, sha: head },
  ])
  expect(refs.filter(({ name }) => name.startsWith('b')).map(({ sha }) => sha)).toEqual(ids)
})
