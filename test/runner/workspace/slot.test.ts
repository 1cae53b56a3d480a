import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHostRepository } from '../../../src/runner/workspace/host-repository.ts'
import { SMALL_TREE } from '../../../src/runner/workspace/checkout-anew.ts'
import { openSlot, type Slot } from '../../../src/runner/workspace/slot.ts'
import { testRepository, type TestRepository } from '../support/repository.ts'

let folder: string
let repository: TestRepository
let slot: Slot
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-slot-'))
  repository = testRepository(folder, {
    'README.md': 'hello\n',
    'src/main.c': 'int main;\n',
    '.gitignore': '*.o\n',
    'run.sh': '#!/bin/sh\n',
  })
  slot = openSlot(join(folder, 'slot'), 'app')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function prepare(
  which: Slot,
  sha = repository.sha,
  more: { head?: string; refs?: string } = {},
): Promise<void> {
  const host = openHostRepository(repository.mirror)
  const prepared = await which.prepare({
    repository: host,
    origin: host,
    sha,
    head: more.head ?? sha,
    refs: more.refs ?? '',
    shallow: null,
    cleanFlags: ['-ffdx'],
  })
  expect(prepared).toMatchObject({ ok: true })
}

/** Everything but `.git`, with kind, permissions and content. */
function tree(root: string): Record<string, string> {
  const seen: Record<string, string> = {}
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (path === '.git' || path.startsWith('.git/')) continue
    const stat = lstatSync(join(root, path))
    seen[path] =
      `${(stat.mode & 0o777).toString(8)} ${stat.isFile() ? readFileSync(join(root, path), 'utf8') : stat.isDirectory() ? '/' : '?'}`
  }
  return seen
}

const git = (...args: string[]) =>
  execFileSync('git', args, {
    cwd: slot.project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' },
  }).trim()

const CLEAN = {
  '.gitignore': '644 *.o\n',
  'README.md': '644 hello\n',
  'run.sh': '644 #!/bin/sh\n',
  src: '755 /',
  'src/main.c': '644 int main;\n',
}

/** Deeds of a job: each must be undone. */
const DEEDS: Record<string, () => void> = {
  nothing: () => {},
  'a new file': () => writeFileSync(join(slot.project, 'new'), 'x'),
  'an ignored file': () => writeFileSync(join(slot.project, 'src/main.o'), 'x'),
  'an empty folder': () => mkdirSync(join(slot.project, 'src/empty/deep'), { recursive: true }),
  'a changed file': () => writeFileSync(join(slot.project, 'README.md'), 'hullo\n'),
  'a file put back by another of the same size and time': () =>
    execFileSync(
      'sh',
      ['-c', 'cp -p README.md x; printf hullo > README.md; echo >> README.md; touch -r x README.md; rm x'],
      { cwd: slot.project },
    ),
  'a deleted file': () => rmSync(join(slot.project, 'README.md')),
  'a deleted folder': () => rmSync(join(slot.project, 'src'), { recursive: true }),
  'a folder instead of a file': () => {
    rmSync(join(slot.project, 'README.md'))
    mkdirSync(join(slot.project, 'README.md'))
  },
  'a link instead of a folder': () => {
    rmSync(join(slot.project, 'src'), { recursive: true })
    symlinkSync('/etc', join(slot.project, 'src'))
  },
  'other permissions': () => {
    chmodSync(join(slot.project, 'README.md'), 0o600)
    chmodSync(join(slot.project, 'run.sh'), 0o4755)
    chmodSync(join(slot.project, 'src'), 0o700)
  },
  'a pipe': () => execFileSync('mkfifo', [join(slot.project, 'src/pipe')]),
  'a repository of its own inside': () => execFileSync('git', ['init', '--quiet', join(slot.project, 'src')]),
  'a nested .git file': () => writeFileSync(join(slot.project, 'src/.git'), 'gitdir: /etc\n'),
  'a name that is no UTF-8': () =>
    execFileSync('sh', ['-c', `printf x > "$(printf 'a\\377b')"`], { cwd: slot.project }),
  'files that git was told to overlook': () => {
    git('update-index', '--assume-unchanged', 'README.md')
    git('update-index', '--skip-worktree', 'src/main.c')
    writeFileSync(join(slot.project, 'README.md'), 'changed\n')
    writeFileSync(join(slot.project, 'src/main.c'), 'changed\n')
  },
  'a configuration, hooks, excludes and a commit': () => {
    git('config', 'core.fsmonitor', 'touch /tmp/evil')
    mkdirSync(join(slot.project, '.git/hooks'), { recursive: true })
    writeFileSync(join(slot.project, '.git/hooks/post-checkout'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    mkdirSync(join(slot.project, '.git/info'), { recursive: true })
    writeFileSync(join(slot.project, '.git/info/exclude'), '*\n')
    writeFileSync(join(slot.project, 'kept-by-exclude'), 'x')
    git('-c', 'user.name=a', '-c', 'user.email=b', 'commit', '--allow-empty', '--quiet', '--message=x')
    git('tag', 'mine')
  },
  'a lost .git': () => rmSync(join(slot.project, '.git'), { recursive: true }),
  'the whole workspace gone': () => rmSync(slot.project, { recursive: true }),
  'a link instead of the workspace': () => {
    rmSync(slot.project, { recursive: true })
    mkdirSync(join(folder, 'precious'))
    writeFileSync(join(folder, 'precious/file'), 'x')
    symlinkSync(join(folder, 'precious'), slot.project)
  },
}

/** What distinguishes a clean workspace. */
function look() {
  return {
    files: tree(slot.project),
    status: git('status', '--porcelain', '--ignored'),
    head: git('rev-parse', 'HEAD'),
    repository: readdirSync(join(slot.project, '.git')).toSorted(),
    settings: git('config', '--list', '--local').includes('fsmonitor'),
  }
}

const clean = () => ({
  files: CLEAN,
  status: '',
  head: repository.sha,
  repository: ['HEAD', 'config', 'index', 'objects', 'packed-refs', 'refs'],
  settings: false,
})

describe('a checkout holds nothing but the commit', () => {
  it('when it is new', async () => {
    await prepare(slot)
    expect(look()).toEqual(clean())
  })

  it.each(Object.keys(DEEDS))('after %s, in the same process', async (deed) => {
    await prepare(slot)
    DEEDS[deed]?.()
    await slot.clean()
    await prepare(slot)
    expect(look()).toEqual(clean())
  })

  it.each(Object.keys(DEEDS))('after %s, in a process that was killed', async (deed) => {
    await prepare(slot)
    DEEDS[deed]?.()
    writeFileSync(join(folder, 'slot/git/index.lock'), '')
    slot = openSlot(join(folder, 'slot'), 'app')
    await prepare(slot)
    expect(look()).toEqual(clean())
  })

  it('what was linked into it is not touched', async () => {
    await prepare(slot)
    DEEDS['a link instead of the workspace']?.()
    await slot.clean()
    await prepare(slot)
    expect(readdirSync(join(folder, 'precious'))).toEqual(['file'])
  })

  it('a large tree', async () => {
    const many = Object.fromEntries(
      Array.from({ length: SMALL_TREE + 50 }, (_, index) => [`d${index % 7}/f${index}`, String(index)]),
    )
    const sha = repository.commit(many)
    await prepare(slot, sha)
    expect(slot.small()).toBe(false)
    const before = tree(slot.project)
    writeFileSync(join(slot.project, 'new'), 'x')
    mkdirSync(join(slot.project, 'd1/empty'))
    execFileSync('mkfifo', [join(slot.project, 'd2/pipe')])
    writeFileSync(join(slot.project, 'd3/f3'), 'changed')
    await slot.clean()
    await prepare(slot, sha)
    expect(tree(slot.project)).toEqual(before)
  })
})

describe('another commit', () => {
  it('replaces the one before, files that it lacks are gone', async () => {
    await prepare(slot)
    repository.git('rm', '--quiet', '-r', 'src')
    const sha = repository.commit({ 'docs/a.md': 'a\n' })
    await slot.clean()
    await prepare(slot, sha)
    expect(Object.keys(tree(slot.project))).toEqual([
      '.gitignore',
      'README.md',
      'docs',
      'docs/a.md',
      'run.sh',
    ])
    expect(git('rev-parse', 'HEAD')).toBe(sha)
    expect(git('status', '--porcelain')).toBe('')
  })

  it('a snapshot: HEAD is the commit below it, the edits are staged', async () => {
    const snapshot = repository.commit({ 'README.md': 'edited\n', 'new.txt': 'new\n' })
    await prepare(slot, snapshot, { head: repository.sha })
    expect(git('rev-parse', 'HEAD')).toBe(repository.sha)
    expect(git('status', '--porcelain')).toBe('M  README.md\nA  new.txt')
  })

  it('one that does not exist is an error in the words of git', async () => {
    const host = openHostRepository(repository.mirror)
    const sha = 'f'.repeat(40)
    expect(
      await slot.prepare({
        repository: host,
        origin: host,
        sha,
        head: sha,
        refs: '',
        shallow: null,
        cleanFlags: ['-ffdx'],
      }),
    ).toEqual({
      ok: false,
      error: { message: `fatal: reference is not a tree: ${sha}`, exitCode: 128 },
    })
    await prepare(slot)
  })
})

it('file variables and the like are gone after a job', async () => {
  await prepare(slot)
  writeFileSync(join(slot.temp, 'KEY'), 'secret')
  await slot.clean()
  expect(readdirSync(slot.temp)).toEqual([])
})

it('nothing runs when nothing was touched: the same files stay', async () => {
  await prepare(slot)
  const before = lstatSync(join(slot.project, 'README.md')).ino
  const index = lstatSync(join(slot.project, '.git/index')).ino
  await slot.clean()
  await prepare(slot)
  expect([
    lstatSync(join(slot.project, 'README.md')).ino,
    lstatSync(join(slot.project, '.git/index')).ino,
  ]).toEqual([before, index])
  expect(existsSync(join(folder, 'slot/trash'))).toBe(false)
})

it("what git runs on a used workspace obeys nothing that a job left, nor the user's settings", async () => {
  await prepare(slot)
  const evil = join(folder, 'evil')
  git('config', 'core.fsmonitor', `touch ${evil}`)
  git('config', 'filter.x.smudge', `touch ${evil}`)
  writeFileSync(join(slot.project, '.gitattributes'), '* filter=x\n')
  writeFileSync(join(slot.project, 'README.md'), 'changed')
  await slot.clean()
  slot = openSlot(join(folder, 'slot'), 'app')
  await prepare(slot)
  expect(existsSync(evil)).toBe(false)
})

describe('what a process leaves for the next one', () => {
  const PATH = process.env['PATH']
  afterEach(() => {
    process.env['PATH'] = PATH
  })

  /** Another process on the same slot. */
  const next = (): Slot => (slot = openSlot(join(folder, 'slot'), 'app'))

  async function leave(): Promise<void> {
    await prepare(slot)
    await slot.clean()
    slot.keep()
  }

  it('is believed without git while nothing was touched', async () => {
    await leave()
    process.env['PATH'] = ''
    await prepare(next())
    expect(tree(slot.project)).toEqual(CLEAN)
    expect(slot.sha()).toBe(repository.sha)
  })

  it('is put right where somebody changed it', async () => {
    await leave()
    writeFileSync(join(slot.project, 'README.md'), 'other')
    writeFileSync(join(slot.project, 'new.o'), 'new')
    chmodSync(join(slot.project, 'run.sh'), 0o777)
    await prepare(next())
    expect(tree(slot.project)).toEqual(CLEAN)
  })

  it('has a new .git where that was touched', async () => {
    await leave()
    writeFileSync(join(slot.project, '.git/config'), '[core]\n\thooksPath = /evil\n')
    await prepare(next())
    expect(readFileSync(join(slot.project, '.git/config'), 'utf8')).not.toContain('hooksPath')
  })

  it('leads to another commit', async () => {
    await leave()
    const sha = repository.commit({ 'README.md': 'two\n' })
    await prepare(next(), sha)
    expect(tree(slot.project)).toEqual({ ...CLEAN, 'README.md': '644 two\n' })
  })

  it('counts once: a process that is killed leaves nothing', async () => {
    await leave()
    await prepare(next())
    // Killed in the middle of a job, of which nothing shows in times and sizes.
    expect(existsSync(join(folder, 'slot/state.json'))).toBe(false)
  })

  it.each([
    ['no JSON', () => writeFileSync(join(folder, 'slot/state.json'), '{')],
    ['another format', () => writeFileSync(join(folder, 'slot/state.json'), '{"format":0,"tree":[]}')],
    ['no git directory', () => rmSync(join(folder, 'slot/git'), { recursive: true })],
    ['no workspace', () => rmSync(join(folder, 'slot/app'), { recursive: true })],
    [
      'a link for a workspace',
      () => {
        rmSync(join(folder, 'slot/app'), { recursive: true })
        symlinkSync('/', join(folder, 'slot/app'))
      },
    ],
  ])('is of no use: %s', async (_title, spoil) => {
    await leave()
    spoil()
    await prepare(next())
    expect(tree(slot.project)).toEqual(CLEAN)
  })

  it('is nothing when the slot was not left clean', async () => {
    await prepare(slot)
    slot.mistrust()
    slot.keep()
    expect(existsSync(join(folder, 'slot/state.json'))).toBe(false)
  })
})
