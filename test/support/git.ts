// Real git repositories in temporary folders, with fixed dates and people so that equal content gives equal shas.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

/** What a file is made of: text, bytes, an executable, a symbolic link, or null to delete it. */
export type FileContent =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly link: string }
  | null

export type Files = Readonly<Record<string, FileContent>>

export interface TestRepository {
  /** Root of the work tree; for a bare repository the git directory itself. Always a real path. */
  readonly root: string
  readonly gitDir: string
  /** Runs git here and gives its stdout without the last newline; throws with stderr when it fails. */
  git(...args: string[]): string
  /** Writes files into the work tree without adding them. */
  write(files: Files): void
  /** Writes files, adds everything and commits; gives the commit's sha. */
  commit(message: string, files?: Files): string
  remove(): void
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A new empty folder (real path), removed when the test file has ended. */
export function temporaryFolder(prefix = 'sluice-test-', below = tmpdir()): string {
  const folder = realpathSync(mkdtempSync(join(below, prefix)))
  folders.push(folder)
  return folder
}

/** Writes files below a folder, making their parents. */
export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path)
    rmSync(target, { force: true })
    if (content === null) continue
    mkdirSync(dirname(target), { recursive: true })
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(target, content)
    else if ('link' in content) symlinkSync(content.link, target)
    else {
      writeFileSync(target, content.executable)
      chmodSync(target, 0o755)
    }
  }
}

/**
 * A repository on branch `main` (no commit unless `files` are given, which are then committed as `first`).
 * `folder` places it; `options` are more arguments of `git init` (`--bare`, `--object-format=sha256`).
 */
export function makeRepository(
  setup: {
    readonly files?: Files
    readonly folder?: string
    readonly options?: readonly string[]
    readonly branch?: string
  } = {},
): TestRepository {
  const root = setup.folder ?? temporaryFolder()
  mkdirSync(root, { recursive: true })
  runTestGit(root, [
    'init',
    '-q',
    `--initial-branch=${setup.branch ?? 'main'}`,
    ...(setup.options ?? []),
    '.',
  ])
  const repository = repositoryAt(root, setup.options?.includes('--bare') ?? false)
  if (setup.files) repository.commit('first', setup.files)
  return repository
}

/** The same handle for a repository that exists already, such as a clone or a linked work tree. */
export function repositoryAt(root: string, bare = false): TestRepository {
  const commit = (message: string, files: Files = {}): string => {
    writeFiles(root, files)
    runTestGit(root, ['add', '-A'])
    runTestGit(root, ['commit', '-q', '--allow-empty', '-m', message])
    return runTestGit(root, ['rev-parse', 'HEAD'])
  }
  return {
    root,
    gitDir: bare ? root : runTestGit(root, ['rev-parse', '--absolute-git-dir']),
    git: (...args) => runTestGit(root, args),
    write: (files) => writeFiles(root, files),
    commit,
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** git as no developer has configured it: fixed people, fixed date, no hooks, no signing, no inherited `GIT_*`. */
export function runTestGit(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const output = execFileSync(
    'git',
    ['-c', 'protocol.file.allow=always', '-c', 'advice.addEmbeddedRepo=false', ...args],
    {
      cwd,
      env: { ...inheritedEnvironment(), ...testIdentity, ...env },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  return output.replace(/\n$/, '')
}

const testIdentity = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada Lovelace',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2024-05-06T07:08:09+02:00',
  GIT_COMMITTER_NAME: 'Grace Hopper',
  GIT_COMMITTER_EMAIL: 'grace@example.com',
  GIT_COMMITTER_DATE: '2024-05-06T08:09:10+02:00',
  LC_ALL: 'C',
}

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
}
