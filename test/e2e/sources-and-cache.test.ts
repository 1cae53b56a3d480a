import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderState } from '../support/folder-state.ts'
import { makeRepository } from '../support/git.ts'
import { makeHome, sluice, type Home } from '../support/sluice.ts'

let home: Home
beforeAll(() => {
  home = makeHome()
})

/** What a job printed. */
const said = (stdout: string, job: string): string[] =>
  stdout.split('\n').flatMap((line) => {
    const [, name, text] = /^(\S+) +> (.*)$/.exec(line) ?? []
    return name === job && text !== undefined ? [text] : []
  })

describe('sluice run', () => {
  it('keeps caches from one run to the next, by the files of the work tree', async () => {
    const { root } = makeRepository({
      files: {
        'lock.json': '{}',
        '.gitlab-ci.yml': `
build:
  cache: {key: {files: [lock.json]}, paths: [deps/]}
  script:
    - test -e deps/a && echo restored || echo none
    - mkdir -p deps && echo x > deps/a
`,
      },
    })
    const run = async () => {
      const { code, stdout } = await sluice(home, ['run'], { cwd: root })
      expect(code).toBe(0)
      return said(stdout, 'build').filter((line) => line === 'restored' || line === 'none')
    }
    expect(await run()).toEqual(['none'])
    expect(await run()).toEqual(['restored'])
    writeFileSync(join(root, 'lock.json'), '{"changed": true}')
    expect(await run()).toEqual(['none'])
    expect(await run()).toEqual(['restored'])
  })

  it('gives jobs the depth, strategy and hooks that they ask for, and leaves the repository alone', async () => {
    const { root } = makeRepository({
      files: {
        '.gitlab-ci.yml': `
variables: {GIT_DEPTH: "2"}
stages: [one, two]
shallow:
  stage: one
  hooks: {pre_get_sources_script: [echo from the hook]}
  script: [git rev-list --count HEAD, touch left]
deep:
  stage: one
  needs: [shallow]
  variables: {GIT_DEPTH: "0", GIT_CLEAN_FLAGS: none}
  script: [git rev-list --count HEAD, ls left]
none:
  stage: two
  variables: {GIT_STRATEGY: none}
  script: [ls left]
empty:
  stage: two
  variables: {GIT_STRATEGY: empty}
  script: [ls -A | wc -l]
`,
      },
    })
    for (const message of ['b', 'c', 'd'])
      execFileSync(
        'git',
        [
          '-c',
          'user.name=T',
          '-c',
          'user.email=t@example.com',
          'commit',
          '-q',
          '--allow-empty',
          '-m',
          message,
        ],
        { cwd: root },
      )
    const before = folderState(root)
    const { code, stdout } = await sluice(home, ['run', '--concurrency', '1'], { cwd: root })
    expect(code).toBe(0)
    expect(said(stdout, 'shallow')).toEqual(['2'])
    expect(said(stdout, 'deep')).toEqual(['4', 'left'])
    expect(said(stdout, 'none')).toEqual(['left'])
    expect(said(stdout, 'empty')).toEqual(['0'])
    expect(folderState(root)).toEqual(before)
  })
})
