import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { harness, printed, section, type Ended, type Harness } from '../support/harness.ts'
import { bubblewrap, shell } from '../support/executors.ts'
import { variable } from '../support/payload.ts'

let lab: Harness
afterEach(() => lab.close())
const open = (...options: Parameters<typeof harness> extends [unknown, ...infer Rest] ? Rest : never) =>
  (lab = harness(shell(), { concurrency: 1, ...options[0] }))

const set = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => variable(key, value))
/** A slot is cleaned behind its job: the next one finds it again when that is done. */
const runAlone = async (job: Parameters<Harness['run']>[0]): Promise<Ended> => {
  const ended = await lab.run(job)
  await lab.runner.idle()
  return ended
}
const run = (values: Readonly<Record<string, string>>, script: readonly string[], more = {}) =>
  runAlone({ variables: set(values), script, ...more })
const lines = ({ log }: Ended, stage = 'get_sources') =>
  section(log, stage)
    .replace(/\u001b\[[0-9;]*[mK]/g, '')
    .split('\n')
    .filter((line) => line !== '')
const OK = { state: 'success' }

describe('GIT_STRATEGY', () => {
  it('fetch is the default', async () => {
    open()
    const ended = await runAlone({})
    expect(lines(ended)).toEqual([
      'Fetching changes...',
      expect.stringMatching(/^Initialized empty Git repository in .*\/app\/\.git\/$/),
      'Created fresh repository.',
      `Checking out ${lab.repository.sha.slice(0, 8)} as detached HEAD (ref is main)...`,
      'Skipping Git submodules setup',
    ])
    expect(lines(await runAlone({}))).toContainEqual(
      expect.stringMatching(/^Reinitialized existing Git repository in /),
    )
  })

  it('clone begins with an empty folder', async () => {
    open()
    await run({}, ['true'])
    const ended = await run({ GIT_STRATEGY: 'clone' }, ['cat README.md', 'git status --porcelain --ignored'])
    expect(lines(ended)).toContain('Created fresh repository.')
    expect(printed(ended.output)).toBe('hello\n')
  })

  it('none keeps what the job before left, and does nothing', async () => {
    open()
    await run({}, ['echo kept > left; echo changed > README.md'], { keepWorkspace: true })
    const ended = await run({ GIT_STRATEGY: 'none' }, ['cat left README.md', 'echo more >> left'])
    expect(lines(ended)).toEqual([
      'Skipping Git repository setup',
      'Skipping Git checkout',
      'Skipping Git submodules setup',
    ])
    expect(printed(ended.output)).toBe('kept\nchanged\n')
    expect(printed((await run({ GIT_STRATEGY: 'none' }, ['cat left'])).output)).toBe('kept\nmore\n')
    const fetched = await run({}, ['test ! -e left', 'cat README.md'])
    expect(printed(fetched.output)).toBe('hello\n')
    expect(lines(fetched)).toContain('Removing left')
  })

  it('none in a new slot is an empty folder', async () => {
    open()
    expect(printed((await run({ GIT_STRATEGY: 'none' }, ['ls -A'])).output)).toBe('')
  })

  it('empty is an empty folder beside the usual one', async () => {
    open()
    await run({ GIT_STRATEGY: 'empty' }, ['touch left'])
    const ended = await run({ GIT_STRATEGY: 'empty' }, ['ls -A', 'basename "$CI_PROJECT_DIR"'])
    expect(lines(ended)).toEqual([
      'Skipping Git repository setup and creating an empty build directory',
      'Skipping Git checkout',
      'Skipping Git submodules setup',
    ])
    expect(printed(ended.output)).toBe('app-empty\n')
  })

  it('another word is warned of, and the default', async () => {
    open()
    const ended = await run({ GIT_STRATEGY: 'pull', GET_SOURCES_ATTEMPTS: '50' }, ['cat README.md'])
    expect(ended.end).toEqual(OK)
    expect(ended.log).toContain(
      `WARNING: GIT_STRATEGY: expected either 'clone', 'fetch', 'none' or 'empty' got "pull", using default value 'fetch'\nGET_SOURCES_ATTEMPTS: number of attempts out of the range [1, 10], clamping to: 10`,
    )
  })
})

describe('depth', () => {
  const commits = (count: number) => {
    let sha = lab.repository.sha
    for (let at = 0; at < count; at++) sha = lab.repository.commit({ counter: String(at) })
    return sha
  }
  const LOOK = [
    'git rev-list --count HEAD',
    'git rev-parse --is-shallow-repository',
    'git fsck --no-dangling',
  ]

  it.each([
    [3, '3\ntrue\n'],
    [20, '6\nfalse\n'],
    [0, '6\nfalse\n'],
  ])('%i of six commits', async (depth, seen) => {
    open()
    const sha = commits(5)
    const ended = await runAlone({ sha, depth, script: LOOK })
    expect(ended.end).toEqual(OK)
    expect(printed(ended.output)).toBe(seen)
    expect(lines(ended)[0]).toBe(
      depth === 0 ? 'Fetching changes...' : `Fetching changes with git depth set to ${depth}...`,
    )
  })

  it('a merge ends both ways, as with git clone --depth', async () => {
    open()
    const { git } = lab.repository
    git('checkout', '--quiet', '-b', 'side')
    for (let at = 0; at < 4; at++) lab.repository.commit({ side: String(at) })
    git('checkout', '--quiet', 'main')
    for (let at = 0; at < 4; at++) lab.repository.commit({ main: String(at) })
    git('-c', 'user.name=T', '-c', 'user.email=t@e', 'merge', '--quiet', '--no-edit', 'side')
    const sha = lab.repository.commit({ last: 'x' })
    const clone = join(lab.folder, 'clone')
    execFileSync('git', ['clone', '--quiet', '--depth', '4', `file://${lab.repository.mirror}`, clone])
    const wanted = execFileSync('git', ['-C', clone, 'log', '--format=%H'], { encoding: 'utf8' })
    const ended = await runAlone({ sha, depth: 4, script: ['git log --format=%H'] })
    expect(printed(ended.output)).toBe(wanted)
  })
})

it('GIT_CHECKOUT false: files and HEAD stay, nothing of the old configuration', async () => {
  open()
  await run({}, ['git config core.pager evil', 'echo mine > own'], { keepWorkspace: true })
  const sha = lab.repository.commit({ 'README.md': 'newer\n' })
  const ended = await run(
    { GIT_CHECKOUT: 'false' },
    [
      'cat README.md own',
      'git rev-parse HEAD',
      'git config core.pager || echo none',
      'git cat-file -t $CI_COMMIT_SHA',
    ],
    { sha, variables: set({ GIT_CHECKOUT: 'false', CI_COMMIT_SHA: sha }) },
  )
  expect(lines(ended)).toContain('Skipping Git checkout')
  expect(printed(ended.output)).toBe(
    `hello\nmine\n${lab.repository.git('rev-parse', 'HEAD~1')}\nnone\ncommit\n`,
  )
})

describe('GIT_CLEAN_FLAGS', () => {
  it.each([
    ['none', 'a b '],
    ['-ffdx -e a', 'a '],
    ['-ffdx', ''],
    ['-ffd', 'b '],
  ])('%s', async (flags, left) => {
    open({ files: { '.gitignore': 'b\n', 'README.md': 'x' } })
    await run({ GIT_CLEAN_FLAGS: flags }, ['touch a b'], { keepWorkspace: true })
    const ended = await run({ GIT_CLEAN_FLAGS: flags }, [
      'for f in a b; do test -e $f && printf "$f " || true; done',
    ])
    expect(ended.end).toEqual(OK)
    expect(ended.output.split('\n').at(-1)).toBe(left)
    expect(lines(ended).filter((line) => line.startsWith('Removing'))).toHaveLength(2 - left.length / 2)
  })

  it('that git does not know fail the job with its words', async () => {
    open()
    await run({}, ['touch a'], { keepWorkspace: true })
    const ended = await run({ GIT_CLEAN_FLAGS: '--nonsense' }, ['echo not run'])
    // The workspace is thrown away once, and a new one needs no cleaning.
    expect(ended.end).toEqual(OK)
  })
})

describe('GIT_FETCH_EXTRA_FLAGS', () => {
  it('fetches for true', async () => {
    open()
    const ended = await run({ GIT_FETCH_EXTRA_FLAGS: '--verbose' }, [
      'git rev-parse refs/remotes/origin/main',
    ])
    expect(ended.end).toEqual(OK)
    expect(section(ended.log, 'get_sources')).toContain('origin/main')
  })

  it('that git does not know end the job', async () => {
    open()
    const ended = await run({ GIT_FETCH_EXTRA_FLAGS: '--nonsense' }, ['echo not run'])
    expect(ended.end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 129 })
    expect(ended.log).toContain('unknown option `nonsense')
    expect(ended.log).toContain('ERROR: Job failed: exit status 129')
  })
})

describe('GIT_CLONE_PATH', () => {
  it.each([
    ['shell', shell],
    ['bubblewrap', bubblewrap],
  ])('inside the builds folder: %s', async (_, executor) => {
    lab = harness(executor(), { concurrency: 1 })
    const ended = await run({ GIT_CLONE_PATH: '$CI_BUILDS_DIR/go/src/$NAME', NAME: 'x' }, [
      'test "$PWD" = "$CI_PROJECT_DIR"',
      'test "$PWD" = "$CI_BUILDS_DIR/go/src/x"',
      'cat README.md',
    ])
    expect(printed(ended.output)).toBe('hello\n')
    expect(ended.end).toEqual(OK)
  })

  it.each(['/etc/x', '$CI_BUILDS_DIR/../x', 'relative', '$CI_BUILDS_DIR'])('%s is refused', async (path) => {
    open()
    const ended = await run({ GIT_CLONE_PATH: path }, ['echo not run'])
    expect(ended.end).toEqual({ state: 'failed', reason: 'runner_configuration_error', exitCode: null })
    expect(ended.log).toMatch(/ERROR: Job failed: the GIT_CLONE_PATH=".*" has to be within "\/builds"/)
  })
})

describe('attempts', () => {
  it('are made with pauses, the second with an empty workspace', async () => {
    const clock = manualClock()
    open({ clock })
    const sha = 'f'.repeat(40)
    const job = lab.start({ sha, variables: set({ GET_SOURCES_ATTEMPTS: '3' }), script: ['echo not run'] })
    await clock.awaited(5_000)
    clock.runOut(5_000)
    await clock.awaited(10_000)
    clock.runOut(10_000)
    const ended = await lab.ended(job)
    expect(ended.end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 128 })
    expect(ended.log.match(/Retrying\.\.\. +error=exit status 128/g)).toHaveLength(2)
    expect(ended.log.match(/section_start:\d+:get_sources/g)).toHaveLength(3)
    expect(lines(ended, 'clear_worktree')).toEqual(['Deleting tracked and untracked files...'])
    expect(ended.log).toContain(`fatal: reference is not a tree: ${sha}`)
  })
})

it('ARTIFACT_DOWNLOAD_ATTEMPTS tries again, and says so', async () => {
  const clock = manualClock()
  open({ clock })
  let asked = 0
  lab.coordinator.getArtifacts = async () => {
    asked++
    return undefined
  }
  const job = lab.start({
    dependencies: [77],
    variables: set({ ARTIFACT_DOWNLOAD_ATTEMPTS: '2' }),
    script: ['true'],
  })
  await clock.awaited(5_000)
  clock.runOut(5_000)
  const ended = await lab.ended(job)
  expect(ended.end).toMatchObject({ reason: 'missing_dependency_failure' })
  expect(asked).toBe(2)
  expect(ended.log).toContain('WARNING: Retrying...')
})

it('a job that is canceled between two attempts ends at once', async () => {
  const clock = manualClock()
  open({ clock })
  const job = lab.start({
    sha: 'f'.repeat(40),
    variables: set({ GET_SOURCES_ATTEMPTS: '3' }),
    script: ['echo not run'],
    cache: [{ key: 'k', paths: ['x'] }],
  })
  await clock.awaited(5_000)
  lab.coordinator.cancel(job)
  const ended = await lab.ended(job)
  expect(ended.log).toContain('ERROR: Job failed: canceled')
  expect(ended.log).not.toContain('Restoring cache')
})

describe('hooks:pre_get_sources_script', () => {
  it('runs before the sources are there, with the variables', async () => {
    open()
    const ended = await runAlone({
      preGetSources: ['echo "for $NAME in $PWD"', 'ls "$CI_PROJECT_DIR"'],
      variables: [variable('NAME', 'me'), variable('FILE', 'text', { file: true })],
      script: ['cat README.md $FILE'],
    })
    const said = section(ended.log, 'get_sources')
    expect(said).toContain(`for me in ${join(lab.folder, 'builds')}\n`)
    expect(said.indexOf('for me')).toBeLessThan(said.indexOf('Fetching changes'))
    expect(printed(ended.output)).toBe('hello\ntext')
  })

  it('that fails ends the job', async () => {
    open()
    const ended = await runAlone({
      preGetSources: ['exit 7'],
      script: ['echo not run'],
      afterScript: ['echo nor this'],
    })
    expect(ended.end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 7 })
    expect(ended.log).not.toContain('not run')
    expect(ended.log).not.toContain('nor this')
  })

  it('cannot leave anything in the workspace', async () => {
    open()
    const ended = await runAlone({
      preGetSources: ['echo evil > "$CI_PROJECT_DIR/README.md"', 'touch "$CI_PROJECT_DIR/new"'],
      script: ['cat README.md', 'test ! -e new'],
    })
    expect(printed(ended.output)).toBe('hello\n')
  })

  it('is not run without git', async () => {
    open()
    const ended = await run({ GIT_STRATEGY: 'none' }, ['true'], { preGetSources: ['exit 7'] })
    expect(ended.end).toEqual(OK)
  })
})

it('files in Git LFS stay pointers where git-lfs is not installed, and the log says so', async () => {
  open({
    files: {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      'a.bin': 'version https://git-lfs…\n',
    },
  })
  const installed = existsSync('/usr/bin/git-lfs') || existsSync('/usr/local/bin/git-lfs')
  const skipped = await run({ GIT_LFS_SKIP_SMUDGE: '1' }, ['cat a.bin'])
  expect(skipped.log).not.toContain('git-lfs is not installed')
  if (installed) return
  const ended = await run({}, ['cat a.bin'])
  expect(ended.end).toEqual(OK)
  expect(ended.log).toContain('git-lfs is not installed here: files kept in Git LFS stay pointer files')
})

describe('whatever a job leaves, the next one is fine', () => {
  it.each<[string, string]>([
    ['no workspace', 'cd /; rm -rf "$CI_PROJECT_DIR"'],
    ['closed folders', 'mkdir -p a/b; touch a/b/c; chmod 000 a/b a'],
    ['a closed workspace', 'chmod 000 .'],
    ['a read-only workspace', 'chmod -R a-w .'],
    [
      'repositories inside',
      'git init -q x; git -C x commit -q --allow-empty -m x 2>/dev/null; mkdir -p src/.git',
    ],
    ['3,000 files', 'mkdir many; for i in $(seq 3000); do : > many/$i; done'],
    [
      'its own hooks',
      'mkdir -p .git/hooks; printf "#!/bin/sh\\nexit 1" > .git/hooks/post-checkout; chmod +x .git/hooks/*; git config core.hooksPath .git/hooks',
    ],
  ])('%s', async (_, deed) => {
    open()
    for (const keepWorkspace of [false, true]) {
      await runAlone({ script: [deed], keepWorkspace })
      const ended = await runAlone({
        keepWorkspace,
        script: [
          'git status --porcelain --ignored',
          'find . -path ./.git -prune -o -type f -print | sort',
          'stat -c %a .',
        ],
      })
      expect(printed(ended.output)).toBe('./README.md\n./src/main.c\n755\n')
      expect(ended.end).toEqual(OK)
    }
  })
})

it('many jobs leave the repository as it is, byte for byte', async () => {
  open()
  const count = Number(process.env['SLUICE_MANY_JOBS'] ?? 25)
  const { source } = lab.repository
  mkdirSync(join(source, '.git/hooks'), { recursive: true })
  const look = () =>
    readdirSync(source, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path, readFileSync(path, 'latin1')])
  const before = look()
  const deeds = [
    'git config user.name evil; git config core.hooksPath /tmp',
    'git tag x-$CI_JOB_ID; git branch y || true; echo x > new; git add -A',
    'git -c user.name=a -c user.email=b commit -q --allow-empty -m x; git gc -q --prune=now || true',
    'git push -q origin HEAD:refs/heads/evil 2>/dev/null || true',
  ]
  for (let at = 0; at < count; at++) await runAlone({ script: [deeds[at % deeds.length] ?? 'true'] })
  expect(look()).toEqual(before)
}, 600_000)
