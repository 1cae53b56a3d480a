import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderState } from '../support/folder-state.ts'
import { makeRepository, temporaryFolder, type Files, type TestRepository } from '../support/git.ts'
import { makeHome, sluice, startSluice, type Finished, type Home } from '../support/sluice.ts'
import { sandboxNotice } from '../support/sandbox.ts'

interface Report {
  readonly pipeline: Record<string, unknown> | null
  readonly jobs: readonly Record<string, unknown>[]
  readonly errors: readonly Record<string, unknown>[]
}

const lastLine = ({ stdout }: Finished): string => stdout.trimEnd().split('\n').at(-1) ?? ''
const report = (finished: Finished): Report => JSON.parse(lastLine(finished))

function repositoryWith(ci: string, files: Files = {}): TestRepository {
  return makeRepository({ files: { '.gitlab-ci.yml': ci, ...files } })
}

const passing = `
stages: [build, test]
compile:
  stage: build
  script:
    - echo compiling
    - echo made > out.txt
  artifacts:
    paths: [out.txt]
unit:
  stage: test
  script:
    - cat out.txt
`

describe('sluice run', () => {
  let home: Home
  beforeAll(() => {
    home = makeHome()
  })

  it('prints the lines of each job behind its name, then the summary', async () => {
    const { root } = repositoryWith(passing)
    const { code, stdout, stderr } = await sluice(home, ['run'], { cwd: root })
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('main@') })
    const lines = stdout.split('\n')
    expect(lines).toContain('compile  $ echo compiling')
    expect(lines).toContain('compile  > compiling')
    expect(lines).toContain('unit     > made')
    expect(
      lines.filter((line) => /^ PASS \[ +[\d.]+ s\] /.test(line)).map((line) => line.split('] ')[1]),
    ).toEqual(['compile', 'unit'])
    expect(stdout).toMatch(/^pipeline passed in [\d.]+ s · 2 passed · logs in \//m)
    expect(stdout).not.toContain('section_start')
    expect(stdout).not.toContain('\u001b')
  })

  it('colours nothing but what it also says in words', async () => {
    const { root } = repositoryWith(passing)
    const plain = await sluice(home, ['run', '--color', 'never'], { cwd: root })
    const colored = await sluice(home, ['run'], { cwd: root, env: { FORCE_COLOR: '1' } })
    expect(colored.stdout).toContain('\u001b[32mPASS')
    const timeless = (text: string): string =>
      text
        .replaceAll(/\u001b\[[0-9;]*m/g, '')
        .replaceAll(/[\d.]+ s/g, 'T')
        .replaceAll(/\[ +T\]/g, '[T]')
    expect(timeless(colored.stdout)).toBe(timeless(plain.stdout))
  })

  it('ends with 1 when a job fails, and repeats its last lines', async () => {
    const { root } = repositoryWith(
      'lint:\n  script:\n    - for i in $(seq 15); do echo line $i; done\n    - exit 3\nrest:\n  stage: deploy\n  script: echo no\n',
    )
    const { code, stdout } = await sluice(home, ['run'], { cwd: root })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^lint {2}finished in [\d.]+ s {2}FAIL 3$/m)
    expect(stdout).toMatch(/^ FAIL \[ +[\d.]+ s\] lint {4}exit 3 {4}\.gitlab-ci\.yml:1\n {3}> line 6\n/m)
    expect(stdout).toContain('   > line 15\n   5 earlier lines: sluice logs lint    again: sluice run lint\n')
    expect(stdout).toMatch(/^ SKIP +rest {4}needs lint$/m)
    expect(stdout).not.toContain('> no\n')
  })

  it('ends with 0 when what fails is allowed to', async () => {
    const { root } = repositoryWith('audit:\n  script: exit 1\n  allow_failure: true\n')
    const { code, stdout } = await sluice(home, ['run'], { cwd: root })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ WARN \[ +[\d.]+ s\] audit {4}exit 1, allow_failure$/m)
  })

  it('ends with 0 and a notice when what is left waits for a person', async () => {
    const ci =
      'build:\n  script: echo built\ndeploy prod:\n  stage: deploy\n  when: manual\n  allow_failure: false\n  script: echo deployed\n'
    const { root } = repositoryWith(ci)
    const { code, stdout, stderr } = await sluice(home, ['run'], { cwd: root })
    expect(code).toBe(0)
    expect(stderr).toContain("waits for a person: deploy prod. Play one with: sluice run 'deploy prod'\n")
    expect(stdout).toMatch(/^pipeline manual in /m)
    expect(stdout).not.toContain('> deployed')
    const played = await sluice(home, ['run', 'deploy prod'], { cwd: root })
    expect(played).toMatchObject({ code: 0, stdout: expect.stringContaining('deploy prod  > deployed') })
  })

  it('runs a repository without any commit', async () => {
    const repository = makeRepository()
    repository.write({ '.gitlab-ci.yml': passing })
    const finished = await sluice(home, ['run', '--json'], { cwd: repository.root })
    expect(finished.code).toBe(0)
    expect(report(finished).pipeline).toMatchObject({
      ref: 'main',
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
      snapshot_sha: null,
    })
    expect(() => repository.git('rev-parse', '--verify', 'HEAD')).toThrow('Needed a single revision')
  })

  it('shows rules a branch HEAD when none is checked out', async () => {
    const repository = repositoryWith('show:\n  script: echo "on $CI_COMMIT_BRANCH"\n')
    repository.git('checkout', '-q', '--detach')
    expect((await sluice(home, ['run'], { cwd: repository.root })).stdout).toContain('show  > on HEAD')
  })

  it('keeps the newest pipelines only, with their logs', async () => {
    const { root } = repositoryWith('unit:\n  script: echo\n')
    const state = temporaryFolder()
    for (let count = 0; count < 21; count++)
      await sluice(home, ['run', '--json', '--executor', 'shell', '--state', state], { cwd: root })
    expect((await sluice(home, ['show', '1', '--state', state])).code).toBe(2)
    expect((await sluice(home, ['show', '2', '--state', state])).code).toBe(0)
    expect((await sluice(home, ['show', '21', '--state', state])).code).toBe(0)
    expect(readdirSync(join(state, 'mirror.git/refs/sluice/pipelines'))).toHaveLength(20)
    expect(
      readdirSync(state, { recursive: true }).filter((name) => String(name).endsWith('.log')),
    ).toHaveLength(20)
  })

  it('runs only the jobs that are named', async () => {
    const { root } = repositoryWith('a:\n  script: echo this is a\nb:\n  script: echo this is b\n')
    const { code, stdout } = await sluice(home, ['run', 'b'], { cwd: root })
    expect(code).toBe(0)
    expect(stdout).toContain('b  > this is b')
    expect(stdout).not.toContain('this is a')
  })

  it('gives variables to the job as they are', async () => {
    const value = `a "quote" $HOME 'x' = ü`
    const { root } = repositoryWith(
      `show:\n  script: printf '[%s]' "$GIVEN" "$FROM_FILE" "$CI_PIPELINE_SOURCE"\n`,
    )
    const file = join(temporaryFolder(), 'variables.yml')
    writeFileSync(file, 'FROM_FILE: { value: from the file, raw: true }\n')
    const args = ['run', '--variable', `GIVEN=${value}`, '--variables-file', file, '--event', 'schedule']
    const { stdout } = await sluice(home, args, { cwd: root })
    expect(stdout).toContain(`show  > [${value.replace('$HOME', '')}][from the file][schedule]`)
  })

  it('shows rules the branch or tag of --ref and --tag, with the files of the working tree', async () => {
    const { root } = repositoryWith(
      'release:\n  only: [tags]\n  script: echo "$CI_COMMIT_TAG of $CI_COMMIT_REF_NAME"\n',
    )
    expect((await sluice(home, ['run'], { cwd: root })).code).toBe(4)
    const tagged = await sluice(home, ['run', '--tag', 'v1.2'], { cwd: root })
    expect(tagged).toMatchObject({ code: 0, stdout: expect.stringContaining('release  > v1.2 of v1.2') })
  })

  it('knows the branches and tags of the repository: compare_to, and what a tag says', async () => {
    const rules = 'rules: [{changes: {paths: [added], compare_to: main}}]'
    const repository = repositoryWith(
      `changed: {script: echo changed, ${rules}}\nshow: {script: 'echo "$CI_COMMIT_TAG_MESSAGE"'}\n`,
    )
    repository.git('tag', '-a', 'v1', '-m', 'what the tag says')
    repository.git('checkout', '-q', '-b', 'feature')
    repository.commit('second', { added: 'x' })
    expect((await sluice(home, ['run'], { cwd: repository.root })).stdout).toContain('changed  > changed')
    const tagged = await sluice(home, ['run', '--tag', 'v1', 'show'], { cwd: repository.root })
    expect(tagged.stdout).toContain('show  > what the tag says')
  })

  it('runs the files of the commit that --sha names', async () => {
    const repository = repositoryWith('show:\n  script: cat file\n', { file: 'first\n' })
    repository.commit('second', { file: 'second\n' })
    repository.write({ file: 'not committed\n' })
    const { stdout } = await sluice(home, ['run', '--sha', 'HEAD~1'], { cwd: repository.root })
    expect(stdout).toContain('show  > first')
  })

  it('runs a dirty tree as it is, from any folder in it, and touches nothing', async () => {
    const repository = repositoryWith('show:\n  script: cat tracked sub/new; ls\n', {
      tracked: 'old\n',
      '.gitignore': 'ignored\n',
      gone: 'x',
    })
    repository.write({ tracked: 'changed\n', 'sub/new': 'untracked\n', ignored: 'x', gone: null })
    const before = folderState(repository.root)
    const { code, stdout } = await sluice(home, ['run', '--json'], { cwd: join(repository.root, 'sub') })
    expect(code).toBe(0)
    const last: Report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    const head = repository.git('rev-parse', 'HEAD')
    expect(last.pipeline).toMatchObject({ sha: head, snapshot_sha: expect.stringMatching(/^[0-9a-f]{40}$/) })
    expect(last.pipeline?.['snapshot_sha']).not.toBe(head)
    const log = readFileSync(String(last.jobs[0]?.['log_path']), 'utf8')
    expect(log).toContain('changed\nuntracked\n')
    expect(log).not.toMatch(/^(ignored|gone)$/m)
    expect(folderState(repository.root)).toEqual(before)
  })

  it('leaves two runs in one repository alone', async () => {
    const { root } = repositoryWith(passing)
    const both = await Promise.all([
      sluice(home, ['run', '--json'], { cwd: root }),
      sluice(home, ['run', '--json'], { cwd: root }),
    ])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(new Set(both.map((finished) => report(finished).pipeline?.['id'])).size).toBe(2)
  })

  it('cancels at the first Ctrl+C and ends with 130', async () => {
    const { root } = repositoryWith(
      'wait:\n  script:\n    - echo begun $$\n    - sleep 1000\nnext:\n  stage: deploy\n  script: echo no\n',
    )
    const run = startSluice(home, ['run'], { cwd: root })
    await run.says(/wait {2}> begun/)
    run.signal('SIGINT')
    const { code, stdout } = await run.ended
    expect(code).toBe(130)
    expect(stdout).toMatch(/^ CANCELED \[ +[\d.]+ s\] wait$/m)
    expect(stdout).toMatch(/^pipeline canceled in/m)
  })

  it('kills what ignores the first Ctrl+C at the second', async () => {
    const { root } = repositoryWith(
      `stubborn:\n  script:\n    - trap '' TERM\n    - echo begun\n    - while true; do sleep 1; done\n`,
    )
    const run = startSluice(home, ['run'], { cwd: root })
    await run.says(/stubborn {2}> begun/)
    run.signal('SIGINT')
    await run.says(/Ctrl\+C again kills/)
    run.signal('SIGINT')
    expect((await run.ended).code).toBe(130)
  })

  it('ends with 143 after TERM', async () => {
    const { root } = repositoryWith('wait:\n  script:\n    - echo begun\n    - sleep 1000\n')
    const run = startSluice(home, ['run'], { cwd: root })
    await run.says(/wait {2}> begun/)
    run.signal('SIGTERM')
    expect((await run.ended).code).toBe(143)
  })

  it('takes up after a run that was killed', async () => {
    const { root } = repositoryWith(
      'wait:\n  script:\n    - echo begun\n    - if [ -z "$QUICK" ]; then sleep 1000; fi\n',
    )
    const killed = startSluice(home, ['run'], { cwd: root })
    await killed.says(/wait {2}> begun/)
    killed.signal('SIGKILL')
    await killed.ended
    const after = await sluice(home, ['run', '--json', '--variable', 'QUICK=1'], { cwd: root })
    expect(after.code).toBe(0)
    const shown = await sluice(
      home,
      ['logs', 'wait', '--pipeline', String(Number(report(after).pipeline?.['id']) - 1)],
      { cwd: root },
    )
    expect(shown.stdout).toContain('begun')
  })
})

describe('sluice run --json', () => {
  let home: Home
  beforeAll(() => {
    home = makeHome()
  })

  it('ends with a line of exactly these keys in this order', async () => {
    const repository = repositoryWith(passing)
    const finished = await sluice(home, ['run', '--json'], { cwd: repository.root })
    const sha = repository.git('rev-parse', 'HEAD')
    const last = lastLine(finished)
    const iso = String.raw`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`
    const job = (name: string, stage: string, artifacts: string): string =>
      String.raw`\{"id":\d+,"name":"${name}","stage":"${stage}","status":"success","allow_failure":false,"when":"on_success","needs":\[\],"exit_code":0,"failure_reason":null,"started_at":${iso},"finished_at":${iso},"duration":[\d.]+,"log_path":"/[^"]+","artifacts_dir":${artifacts}\}`
    expect(last).toMatch(
      new RegExp(
        String.raw`^\{"type":"pipeline\.finished","schema":1,"pipeline":\{"id":1,"status":"success","source":"push","ref":"main","tag":false,"sha":"${sha}","snapshot_sha":null,"yaml_errors":null\},` +
          String.raw`"jobs":\[${job('compile', 'build', '"/[^"]+"')},${job('unit', 'test', 'null')}\],"children":\[\],"errors":\[\]\}$`,
      ),
    )
    const [compile] = report(finished).jobs
    expect(readFileSync(join(String(compile?.['artifacts_dir']), 'out.txt'), 'utf8')).toBe('made\n')
    expect(readFileSync(String(compile?.['log_path']), 'utf8')).toContain('compiling\n')
    const states = join(home.folder, 'state/sluice')
    expect(
      readdirSync(states).map((name) => (statSync(join(states, name)).mode & 0o777).toString(8)),
    ).toContain('700')
    expect(
      readdirSync(states).map((name) => (statSync(join(states, name)).mode & 0o777).toString(8)),
    ).not.toContain('755')
  })

  it('tells what happens, one object a line, and no job output', async () => {
    const { root } = repositoryWith(passing)
    const { stdout, stderr } = await sluice(home, ['run', '--json'], { cwd: root })
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ type, job }) => (job ? `${type} ${job.name}` : type))).toEqual([
      'pipeline.created',
      'job.started compile',
      'job.finished compile',
      'job.started unit',
      'job.finished unit',
      'pipeline.finished',
    ])
    expect(events.every(({ schema }) => schema === 1)).toBe(true)
    expect(stderr).toMatch(sandboxNotice)
  })

  const refused: readonly [
    what: string,
    ci: string,
    args: readonly string[],
    code: number,
    error: Record<string, unknown>,
  ][] = [
    ['an unknown job', 'unit:\n  script: echo\n', ['untt'], 2, { file: null, line: null }],
    [
      'an unknown flag',
      'unit:\n  script: echo\n',
      ['--evnt', 'push'],
      2,
      { message: expect.stringContaining("unknown option '--evnt'"), code: 'usage' },
    ],
    [
      'an unknown event',
      'unit:\n  script: echo\n',
      ['--event', 'pusch'],
      2,
      { message: expect.stringContaining('Did you mean push?') },
    ],
    [
      'a file that is not there',
      'unit:\n  script: echo\n',
      ['--file', 'other.yml'],
      2,
      { message: 'other.yml does not exist', code: 'file.missing' },
    ],
    [
      'a commit that is not there',
      'unit:\n  script: echo\n',
      ['--sha', 'v99'],
      2,
      { message: 'no commit "v99" in this repository' },
    ],
    ['a ref that cannot be', 'unit:\n  script: echo\n', ['--ref', '-x'], 2, {}],
    [
      'an unknown keyword',
      'unit:\n  script: echo\n  scrpt: x\n',
      [],
      3,
      { file: '.gitlab-ci.yml', line: 3, message: expect.stringContaining('scrpt') },
    ],
    [
      'YAML that does not parse',
      'a: b: c\n',
      [],
      3,
      { file: '.gitlab-ci.yml', line: 1, message: expect.stringContaining('at line 1 column 5') },
    ],
    [
      'rules that leave nothing',
      'unit:\n  only: [tags]\n  script: echo\n',
      [],
      4,
      { code: 'filtered_by_rules' },
    ],
  ]

  it.each(refused)('says of %s why there is no pipeline', async (_what, ci, args, code, error) => {
    const { root } = repositoryWith(ci)
    const finished = await sluice(home, ['run', '--json', ...args], { cwd: root })
    expect(finished.code).toBe(code)
    expect(lastLine(finished)).toMatch(
      /^\{"type":"pipeline\.finished","schema":1,"pipeline":null,"jobs":\[\],"children":\[\],"errors":\[\{"message":/,
    )
    const [first] = report(finished).errors
    expect(Object.keys(first ?? {})).toEqual(['message', 'file', 'line', 'column', 'code'])
    expect(first).toMatchObject(error)
  })
})

describe('wrong use', () => {
  const home = makeHome()

  it('shows mistakes of the CI file with their line, all at once', async () => {
    const { root } = repositoryWith('one:\n  scrpt: x\n  script: echo\ntwo:\n  script: echo\n  stge: test\n')
    const { code, stdout, stderr } = await sluice(home, ['run'], { cwd: root })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('.gitlab-ci.yml:2:3  error')
    expect(stderr).toContain('.gitlab-ci.yml:6:3  error')
    expect(stderr).toContain(' ▸ 6 │   stge: test')
  })

  it('suggests the command that was meant', async () => {
    expect(await sluice(home, ['rnu'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown command 'rnu'\n\(Did you mean run\?\)/),
    })
  })

  it('suggests the option that was meant', async () => {
    expect(await sluice(home, ['run', '--varable', 'A=1'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean --variable?'),
    })
  })

  it('needs a repository', async () => {
    const folder = temporaryFolder()
    expect(await sluice(home, ['run'], { cwd: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${folder} is not in the working tree of a git repository`),
    })
  })

  it('needs a CI file', async () => {
    const { root } = makeRepository({ files: { readme: 'x' } })
    expect(await sluice(home, ['run'], { cwd: root })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Missing CI config file'),
    })
  })

  it('needs a state folder that can be written', async () => {
    const { root } = repositoryWith(passing)
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(await sluice(home, ['run', '--state', join(file, 'state')], { cwd: root })).toMatchObject({
      code: 6,
    })
  })

  it('of --variable is told', async () => {
    const { root } = repositoryWith(passing)
    expect(await sluice(home, ['run', '--variable', 'NOVALUE'], { cwd: root })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Write KEY=VALUE.'),
    })
  })

  it('of a variables file is shown in its place', async () => {
    const { root } = repositoryWith(passing)
    const file = join(temporaryFolder(), 'variables.yml')
    writeFileSync(file, 'KEY: { valeu: x }\n')
    const { code, stderr } = await sluice(home, ['run', '--variables-file', file], { cwd: root })
    expect(code).toBe(2)
    expect(stderr).toContain(`${file}:1:8`)
  })
})

describe('sluice logs and show', () => {
  const home = makeHome()
  let root: string
  beforeAll(async () => {
    root = repositoryWith(
      'unit:\n  script:\n    - echo hello\n    - printf "\\033]52;c;aGk=\\007tail"\n',
    ).root
    await sluice(home, ['run', '--variable', 'A=b c', '--event', 'web'], { cwd: root })
  })

  it('print the stored log without what steers a terminal', async () => {
    const { code, stdout } = await sluice(home, ['logs', 'unit'], { cwd: root })
    expect(code).toBe(0)
    expect(stdout).toContain('$ echo hello\nhello\n')
    expect(stdout).toContain('tail')
    expect(stdout).not.toMatch(/[\u001b\u0007]|section_/)
  })

  it('know a job by its id', async () => {
    expect((await sluice(home, ['logs', '1', '--pipeline', '1'], { cwd: root })).stdout).toContain('hello')
  })

  it('say which job is close', async () => {
    expect(await sluice(home, ['logs', 'unti'], { cwd: root })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"unit" is close'),
    })
  })

  it('print why a pipeline exists', async () => {
    const { stdout } = await sluice(home, ['show', '1', '--json'], { cwd: root })
    const provenance = JSON.parse(stdout)
    expect(Object.keys(provenance)).toEqual([
      'source',
      'trigger',
      'remote_address',
      'user_agent',
      'form',
      'received_at',
      'ref',
      'sha',
      'variables',
      'config_sha256',
    ])
    expect(provenance).toMatchObject({
      source: 'web',
      trigger: null,
      ref: 'main',
      variables: [{ key: 'A', value: 'b c', origin: 'run' }],
    })
    expect((await sluice(home, ['show', '1'], { cwd: root })).stdout).toMatch(/^source +web$/m)
  })

  it('say so when nothing is kept', async () => {
    expect(await sluice(home, ['show', '7'], { cwd: root })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no pipeline 7'),
    })
    const other = repositoryWith(passing)
    const answer = await sluice(home, ['logs', 'unit'], { cwd: other.root })
    expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing has run here yet') })
    expect(existsSync(join(home.folder, 'state/sluice'))).toBe(true)
  })
})
