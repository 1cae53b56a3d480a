import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openMirror } from '../../../src/platform/mirror.ts'
import { openHostRepository } from '../../../src/runner/workspace/host-repository.ts'
import { jobRefs } from '../../../src/runner/workspace/refs.ts'
import { testRepository, type TestRepository } from '../support/repository.ts'

let folder: string
let repository: TestRepository
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-repository-'))
  repository = testRepository(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const main = () => ({ name: 'main', tag: false, sha: repository.sha })

describe('objects', () => {
  it('of a mirror that borrows: its own, then the lender', async () => {
    const mirror = join(folder, 'borrowing')
    await openMirror({ source: join(repository.source, '.git'), mirror, borrow: true })
    expect(openHostRepository(mirror)).toEqual({
      gitDir: mirror,
      objects: [join(mirror, 'objects'), join(repository.source, '.git/objects')],
    })
  })

  it('alternates are followed: relative, quoted, nested, not for ever', () => {
    const make = (name: string, lines: string) => {
      execFileSync('git', ['init', '--quiet', '--bare', join(folder, name)])
      writeFileSync(join(folder, name, 'objects/info/alternates'), lines)
    }
    make('a', '# a remark\n../../b/objects\n\n')
    make('b', `"${folder}/q\\"uote/objects"\n${folder}/a/objects\n`)
    execFileSync('git', ['init', '--quiet', '--bare', join(folder, 'q"uote')])
    expect(openHostRepository(join(folder, 'a')).objects).toEqual([
      `${folder}/a/objects`,
      `${folder}/b/objects`,
      `${folder}/q"uote/objects`,
    ])
  })
})

describe('refs', () => {
  it('branches become remote ones, tags stay; packed and loose; changes are seen', () => {
    repository.git('tag', 'v1')
    repository.git('branch', 'feature/x')
    execFileSync(
      'git',
      ['fetch', '--quiet', repository.source, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'],
      { cwd: repository.mirror },
    )
    const refs = jobRefs(openHostRepository(repository.mirror))
    const read = () => refs.read(main()).trim().split('\n').toSorted()
    const { sha } = repository
    expect(read()).toEqual([
      `${sha} refs/remotes/origin/feature/x`,
      `${sha} refs/remotes/origin/main`,
      `${sha} refs/tags/v1`,
    ])
    execFileSync('git', ['pack-refs', '--all'], { cwd: repository.mirror })
    expect(read()).toEqual([
      `${sha} refs/remotes/origin/feature/x`,
      `${sha} refs/remotes/origin/main`,
      `${sha} refs/tags/v1`,
    ])
    execFileSync('git', ['update-ref', '-d', 'refs/tags/v1'], { cwd: repository.mirror })
    repository.git('tag', '--delete', 'v1')
    const next = repository.commit({ a: 'a' })
    expect(read()).toEqual(
      [`${sha} refs/remotes/origin/feature/x`, `${next} refs/remotes/origin/main`].toSorted(),
    )
  })

  it('a mirror without refs has those of its lender, and the ref of the pipeline', async () => {
    repository.git('tag', 'v1')
    const mirror = join(folder, 'borrowing')
    await openMirror({ source: join(repository.source, '.git'), mirror, borrow: true })
    const text = jobRefs(openHostRepository(mirror)).read({ name: 'v2', tag: true, sha: 'f'.repeat(40) })
    expect(text.trim().split('\n').toSorted()).toEqual(
      [
        `${repository.sha} refs/remotes/origin/main`,
        `${repository.sha} refs/tags/v1`,
        `${'f'.repeat(40)} refs/tags/v2`,
      ].toSorted(),
    )
  })
})
