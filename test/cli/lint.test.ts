import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { makeHome, sluice, type Finished, type Home } from '../support/sluice.ts'

const CI = '.gitlab-ci.yml'

interface Problem {
  readonly code: string
  readonly message: string
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly help: string | null
}
interface Report {
  readonly schema: number
  readonly valid: boolean
  readonly errors: readonly Problem[]
  readonly warnings: readonly Problem[]
  readonly jobs?: readonly Record<string, unknown>[]
}
const report = ({ stdout }: Finished): Report => JSON.parse(stdout)

describe('sluice lint', () => {
  let home: Home
  beforeAll(() => {
    home = makeHome()
  })

  function folderWith(files: Readonly<Record<string, string>>): string {
    const folder = temporaryFolder('sluice-lint-')
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return folder
  }

  it('shows a mistake with its place and its frame', async () => {
    const cwd = folderWith({ [CI]: 'build: {script: x}\ntest:\n  script: x\n  needs: [biuld]\n' })
    const { code, stdout, stderr } = await sluice(home, ['lint'], { cwd })
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(stdout.replace(/\d+ ms/, 'T ms')).toBe(
      [
        '.gitlab-ci.yml:4:11  error  needs.unknown',
        '  test job: undefined need: biuld',
        '   2 │ test:',
        '   3 │   script: x',
        ' ▸ 4 │   needs: [biuld]',
        '     │           ~~~~~ no job has this name; "build" (line 1) is close',
        '1 error, 0 warnings in 1 file · T ms',
        '',
      ].join('\n'),
    )
  })

  it.each([
    ['Windows-1252', Buffer.from('a:\n  script: [echo caf\xe9]\n', 'latin1'), '2:20', 'this is no UTF-8'],
    ['UTF-16', Buffer.from('\ufeffa: {script: x}\n', 'utf16le'), '1:1', 'the file is UTF-16'],
  ])('refuses a file in %s', async (_, bytes, place, help) => {
    const cwd = folderWith({})
    writeFileSync(join(cwd, CI), bytes)
    const { code, stdout } = await sluice(home, ['lint'], { cwd })
    expect(code).toBe(3)
    expect(stdout).toContain(`.gitlab-ci.yml:${place}  error  yaml.encoding\n  Invalid YAML syntax\n`)
    expect(stdout).toContain(help)
  })

  it('tells what GitLab would say next together with what it says first', async () => {
    const cwd = folderWith({ [CI]: 'a: {script: x, needs: [nope]}\nb: {scrpt: x}\n' })
    const { code, stdout } = await sluice(home, ['lint'], { cwd })
    expect(code).toBe(3)
    expect(stdout.split('\n').filter((line) => line.includes('  error  '))).toEqual([
      '.gitlab-ci.yml:1:24  error  needs.unknown',
      '.gitlab-ci.yml:2:1  error  job.shape',
    ])
  })

  it('warns of a script with an open quote', async () => {
    const cwd = folderWith({ [CI]: 'a:\n  script:\n    - "echo it\'s fine"\n    - "cat <<E\\ndon\'t\\nE"\n' })
    const { code, stdout } = await sluice(home, ['lint'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain(
      ".gitlab-ci.yml:3:7  warning  script.quotes\n  the script opens a ' and does not close it\n",
    )
    expect(stdout).toContain('0 errors, 1 warning in 1 file')
  })

  it('shows all mistakes at once, in order of position', async () => {
    const cwd = folderWith({ [CI]: 'a:\n  scrpt: x\nb:\n  script: 1\nc:\n  script: x\n  when: sometimes\n' })
    const { code, stdout } = await sluice(home, ['lint'], { cwd })
    expect(code).toBe(3)
    expect(
      stdout
        .split('\n')
        .filter((line) => line.includes('  error  '))
        .map((line) => line.split(' ')[0]),
    ).toEqual(['.gitlab-ci.yml:1:1', '.gitlab-ci.yml:4:11', '.gitlab-ci.yml:7:9'])
    expect(stdout).toMatch(/^3 errors, 0 warnings in 1 file · /m)
  })

  it('ends with 0 when there are only warnings', async () => {
    const cwd = folderWith({ [CI]: '.a: {script: x}\njob:\n  script: x\n  rules: [{changes: ["src/**"]}]\n' })
    const { code, stdout } = await sluice(home, ['lint'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('.gitlab-ci.yml:1:1  warning  job.unused\n')
    expect(stdout).toContain('.gitlab-ci.yml:4:23  warning  glob.one_level\n')
    expect(stdout).toMatch(/^0 errors, 2 warnings in 1 file · /m)
  })

  it('follows includes, and counts their files', async () => {
    const cwd = folderWith({
      [CI]: 'include: ci/a.yml\njob: {script: x}\n',
      'ci/a.yml': 'other:\n  script: 1\n',
    })
    const { code, stdout } = await sluice(home, ['lint'], { cwd })
    expect(code).toBe(3)
    expect(stdout).toContain('ci/a.yml:2:11  error  ')
    expect(stdout).toContain('.gitlab-ci.yml:1:10  included here\n')
    expect(stdout).toMatch(/^1 error, 0 warnings in 2 files · /m)
  })

  it('takes several files, and finds that of the repository from a folder in it', async () => {
    const { root } = makeRepository({ files: { [CI]: 'job: {script: x}\n', 'a/b.txt': 'x' } })
    const other = folderWith({ 'x.yml': 'job: {script: [1]}\n', 'y.yml': 'job: {script: x}\n' })
    expect((await sluice(home, ['lint'], { cwd: join(root, 'a') })).code).toBe(0)
    const both = await sluice(home, ['lint', 'y.yml', 'x.yml'], { cwd: other })
    expect(both.code).toBe(3)
    expect(both.stdout).toContain('x.yml:1:16  error')
    expect(both.stdout).toMatch(/^1 error, 0 warnings in 2 files · /m)
  })

  it.each<[string, string[], string]>([
    ['a file that is not there', ['lint', 'nope.yml'], 'nope.yml does not exist'],
    ['no file at all', ['lint'], 'there is no .gitlab-ci.yml'],
    ['a folder', ['lint', '.'], '. is not a file'],
    ['a flag that is none', ['lint', '--nope'], '--nope'],
    ['a source that is none', ['lint', '--event', 'psh'], 'Did you mean push?'],
  ])('ends with 2 for %s', async (_, args, words) => {
    const { code, stderr } = await sluice(home, args, { cwd: temporaryFolder() })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) })
  })

  it('prints one JSON object', async () => {
    const cwd = folderWith({ [CI]: 'job:\n  script: x\n  needs: [biuld]\nbuild: {script: x}\n' })
    const finished = await sluice(home, ['lint', '--format', 'json'], { cwd })
    expect(finished.code).toBe(3)
    expect(report(finished)).toEqual({
      schema: 1,
      valid: false,
      errors: [
        {
          severity: 'error',
          code: 'needs.unknown',
          message: 'job job: undefined need: biuld',
          file: CI,
          line: 3,
          column: 11,
          help: 'no job has this name; "build" (line 4) is close',
          related: [],
        },
      ],
      warnings: [],
    })
  })

  it('lists jobs with --include-jobs: all of the file, or those of an event', async () => {
    const cwd = folderWith({
      [CI]: 'a: {script: x, only: [tags]}\nb: {script: [x, y], stage: build, when: manual}\n',
    })
    const all = report(await sluice(home, ['lint', '--format', 'json', '--include-jobs'], { cwd }))
    expect(
      all.jobs?.map(({ name, stage, when, allow_failure }) => [name, stage, when, allow_failure]),
    ).toEqual([
      ['b', 'build', 'manual', true],
      ['a', 'test', 'on_success', false],
    ])
    const tag = report(await sluice(home, ['lint', '--json', '--include-jobs', '--tag', 'v1'], { cwd }))
    expect(tag.jobs?.map(({ name }) => name)).toEqual(['b', 'a'])
    const branch = report(await sluice(home, ['lint', '--json', '--include-jobs', '--ref', 'x'], { cwd }))
    expect(branch.jobs?.map(({ name }) => name)).toEqual(['b'])
  })

  it('plans the pipeline of an event, in a repository and outside', async () => {
    const ci = 'build: {stage: build, script: x, only: [main]}\ntest: {script: x, needs: [build]}\n'
    for (const cwd of [folderWith({ [CI]: ci }), makeRepository({ files: { [CI]: ci } }).root]) {
      expect((await sluice(home, ['lint', '--ref', 'main'], { cwd })).code).toBe(0)
      const { code, stdout } = await sluice(home, ['lint', '--ref', 'other'], { cwd })
      expect(code).toBe(3)
      expect(stdout).toContain("'test' job needs 'build' job, but 'build' does not exist in the pipeline.")
    }
  })

  it('says so when an event makes no pipeline', async () => {
    const cwd = folderWith({ [CI]: 'job: {script: x, only: [tags]}\n' })
    const { code, stdout } = await sluice(home, ['lint', '--event', 'schedule'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('The resulting pipeline would have been empty.')
  })
})
