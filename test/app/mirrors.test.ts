import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeMirrors, type Mirrors } from '../../src/app/mirrors.ts'
import type { ServedProject } from '../../src/app/served-project.ts'
import type { Pipeline } from '../../src/model/pipeline.ts'
import type { Project } from '../../src/model/project.ts'
import { makeRepository, runTestGit, temporaryFolder, type TestRepository } from '../support/git.ts'

interface Setup {
  readonly repository: TestRepository
  readonly mirrors: Mirrors
  readonly project: Project
  readonly mirror: string
}

function setUp(): Setup {
  const repository = makeRepository({ files: { a: 'one' } })
  const mirror = join(temporaryFolder(), 'mirrors/9.git')
  const about = {
    id: 9,
    name: 'group/app',
    path: repository.root,
    repository: repository.gitDir,
    defaultBranch: 'main',
    variables: [],
    configPath: '.gitlab-ci.yml',
  }
  const mirrors = makeMirrors()
  mirrors.serve([servedOf(about, mirror)])
  onTestFinished(() => mirrors.close())
  return { repository, mirrors, mirror, project: { ...about, createdAt: 0 } }
}

function servedOf(project: ServedProject['project'], mirror: string): ServedProject {
  return {
    project,
    objects: { kind: 'mirrored', mirror },
    members: new Map(),
    triggers: [],
    refresh: () => Promise.resolve(),
  }
}

function pipeline(id: number, sha: string): Pipeline {
  return {
    id,
    iid: id,
    projectId: 9,
    ref: 'main',
    tag: false,
    sha,
    snapshotSha: null,
    beforeSha: '0'.repeat(40),
    source: 'trigger',
    status: 'pending',
    name: null,
    configError: null,
    configSha256: null,
    userId: 1,
    triggerId: null,
    parentJobId: null,
    scheduleId: null,
    createdAt: 0,
    updatedAt: 0,
    startedAt: null,
    finishedAt: null,
  }
}

describe('mirrors', () => {
  it('hold and pin the commit of a pipeline, whatever becomes of the repository', async () => {
    const { repository, mirrors, mirror, project } = setUp()
    const sha = repository.git('rev-parse', 'HEAD')
    await mirrors.prepare(project, pipeline(1, sha))
    expect(mirrors.path(project)).toBe(mirror)
    expect(readFileSync(join(mirror, 'refs/sluice/pipelines/1'), 'utf8')).toBe(`${sha}\n`)
    repository.git('commit', '-q', '--amend', '-m', 'other')
    repository.git('reflog', 'expire', '--expire=now', '--all')
    repository.git('gc', '-q', '--prune=now')
    const newer = repository.commit('second', { a: 'two' })
    await mirrors.prepare(project, pipeline(2, newer))
    expect(runTestGit(mirror, ['cat-file', '-t', sha])).toBe('commit')
    expect(runTestGit(mirror, ['cat-file', '-t', newer])).toBe('commit')
  })

  it('say which commit is gone', async () => {
    const { mirrors, project } = setUp()
    await expect(mirrors.prepare(project, pipeline(1, 'f'.repeat(40)))).rejects.toThrow(
      `commit ${'f'.repeat(40)} of group/app is gone`,
    )
  })

  it('bring a commit that was amended away before its turn came', async () => {
    const { repository, mirrors, mirror, project } = setUp()
    const sha = repository.commit('second', { a: 'two' })
    repository.git('commit', '-q', '--amend', '-m', 'other')
    await mirrors.prepare(project, pipeline(1, sha))
    expect(runTestGit(mirror, ['show', `${sha}:a`])).toBe('two')
  })

  it.each(['before the mirror is made', 'after it was made'])(
    'bring whole commits although another branch is damaged, %s',
    async (when) => {
      const { repository, mirrors, mirror, project } = setUp()
      if (when === 'after it was made')
        await mirrors.prepare(project, pipeline(1, repository.git('rev-parse', 'HEAD')))
      writeFileSync(join(repository.gitDir, 'refs/heads/damaged'), `${'1'.repeat(40)}\n`)
      const sha = repository.commit('second', { a: 'two' })
      await mirrors.prepare(project, pipeline(2, sha))
      expect(runTestGit(mirror, ['show', `${sha}:a`])).toBe('two')
      expect(runTestGit(mirror, ['rev-parse', 'refs/sluice/pipelines/2'])).toBe(sha)
    },
  )

  it('need no source for a commit that they have', async () => {
    const { repository, mirror, project, mirrors } = setUp()
    const sha = repository.git('rev-parse', 'HEAD')
    await mirrors.prepare(project, pipeline(1, sha))
    renameSync(repository.root, `${repository.root}-away`)
    const later = makeMirrors()
    onTestFinished(() => later.close())
    later.serve([servedOf(project, mirror)])
    await later.prepare(project, pipeline(2, sha))
    expect(runTestGit(mirror, ['rev-parse', 'refs/sluice/pipelines/2'])).toBe(sha)
  })

  it('try again after a failure', async () => {
    const { repository, mirrors, project } = setUp()
    const sha = repository.git('rev-parse', 'HEAD')
    await expect(mirrors.prepare(project, pipeline(1, 'f'.repeat(40)))).rejects.toThrow('is gone')
    await mirrors.prepare(project, pipeline(1, sha))
  })

  it('let go of pipelines that are removed', async () => {
    const { repository, mirrors, mirror, project } = setUp()
    await mirrors.prepare(project, pipeline(1, repository.git('rev-parse', 'HEAD')))
    await mirrors.unpin([1], Date.now())
    expect(() => readFileSync(join(mirror, 'refs/sluice/pipelines/1'))).toThrow('ENOENT')
  })

  it('let go although a project has no mirror, because no pipeline of it ran yet', async () => {
    const { mirrors, mirror } = setUp()
    await expect(mirrors.unpin([1], Date.now())).resolves.toBeUndefined()
    expect(existsSync(mirror)).toBe(false)
  })
})
