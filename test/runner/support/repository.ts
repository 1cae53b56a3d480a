import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A repository with one commit, and a bare clone of it as the mirror. */
export interface TestRepository {
  readonly source: string
  readonly mirror: string
  readonly sha: string
  git(...args: string[]): string
  /** Writes files, commits them and brings the commit into the mirror. */
  commit(files: Readonly<Record<string, string>>): string
}

export function testRepository(
  folder: string,
  files: Readonly<Record<string, string>> = { 'README.md': 'hello\n', 'src/main.c': 'int main;\n' },
): TestRepository {
  const source = join(folder, 'source')
  const mirror = join(folder, 'mirror.git')
  mkdirSync(source, { recursive: true })
  const git = (...args: string[]) => run(source, args)
  git('init', '--quiet', '--initial-branch=main')
  const write = (content: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(content)) {
      mkdirSync(dirname(join(source, path)), { recursive: true })
      writeFileSync(join(source, path), text)
    }
    git('add', '--all')
    git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message=change')
    return git('rev-parse', 'HEAD')
  }
  const sha = write(files)
  run(folder, ['clone', '--quiet', '--bare', source, mirror])
  return {
    source,
    mirror,
    sha,
    git,
    commit(content) {
      const next = write(content)
      run(mirror, ['fetch', '--quiet', source, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'])
      return next
    },
  }
}

function run(cwd: string, args: readonly string[]): string {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', args, { cwd, env, encoding: 'utf8' }).trim()
}
