import { beforeAll, describe, expect, it } from 'vitest'
import { makeRepository } from '../support/git.ts'
import { makeHome, sluice, type Home } from '../support/sluice.ts'

const files = {
  '.gitlab-ci.yml':
    'include: ci/base.yml\nstages: [build]\n.b: {tags: [x]}\njob:\n  extends: .base\n  script:\n    - !reference [.base, before_script]\n    - make\n  variables: {B: two}\n',
  'ci/base.yml': '.base:\n  stage: build\n  before_script: [prepare]\n  variables: {A: one}\n',
}

describe('sluice preview', () => {
  let home: Home
  beforeAll(() => {
    home = makeHome()
  })

  it("prints GitLab's merged configuration", async () => {
    const { root } = makeRepository({ files })
    const { code, stdout, stderr } = await sluice(home, ['preview'], { cwd: root })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      [
        '---',
        '".base":',
        '  stage: build',
        '  before_script:',
        '  - prepare',
        '  variables:',
        '    A: one',
        'stages:',
        '- ".pre"',
        '- build',
        '- ".post"',
        '".b":',
        '  tags:',
        '  - x',
        'job:',
        '  stage: build',
        '  before_script:',
        '  - prepare',
        '  variables:',
        '    A: one',
        '    B: two',
        '  extends: ".base"',
        '  script:',
        '  - - prepare',
        '  - make',
        '',
      ].join('\n'),
    )
  })

  it('says where each key comes from, of one job', async () => {
    const { root } = makeRepository({ files })
    const { stdout } = await sluice(home, ['config', '--origin', '--job', 'job'], { cwd: root })
    expect(stdout).toBe(
      [
        '---',
        'job: # .gitlab-ci.yml:4',
        '  stage: build # ci/base.yml:2',
        '  before_script: # ci/base.yml:3',
        '  - prepare',
        '  variables: # .gitlab-ci.yml:9',
        '    A: one # ci/base.yml:4',
        '    B: two # .gitlab-ci.yml:9',
        '  extends: ".base" # .gitlab-ci.yml:5',
        '  script: # .gitlab-ci.yml:6',
        '  - - prepare',
        '  - make',
        '',
      ].join('\n'),
    )
  })

  it('reads back as the same configuration', async () => {
    const { root, write } = makeRepository({ files })
    const { stdout } = await sluice(home, ['preview'], { cwd: root })
    write({ '.gitlab-ci.yml': stdout })
    expect((await sluice(home, ['preview'], { cwd: root })).stdout).toBe(stdout)
  })

  it.each<[string, string, string[], number, string]>([
    ['an unknown job', 'build: {script: x}', ['--job', 'biuld'], 2, '"build" is close'],
    ['an invalid file', 'job: {}', [], 3, 'job.shape'],
  ])('refuses %s', async (_, text, flags, code, words) => {
    const { root } = makeRepository({ files: { '.gitlab-ci.yml': text } })
    const finished = await sluice(home, ['preview', ...flags], { cwd: root })
    expect(finished).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) })
  })
})
