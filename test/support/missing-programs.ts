import { spawnSync } from 'node:child_process'
import { hasPythonGitlab } from '../clients/programs.ts'
import { sandboxTests } from './sandbox.ts'

/** What tests start that a machine with Node, git, make and a compiler may lack, and the Debian package that brings it. */
const programs = [
  {
    program: 'bwrap',
    package: 'bubblewrap',
    without: `the sandbox is NOT TESTED (left out: ${sandboxTests.join(', ')})`,
  },
  {
    program: 'chromium',
    package: 'chromium',
    without: 'the pages are NOT TESTED in a browser (left out: test/e2e/pages.test.ts)',
  },
  {
    program: 'git-lfs',
    package: 'git-lfs',
    without: 'files in Git LFS are NOT TESTED (left out: test/runner/stages/large-files.test.ts)',
  },
  { program: 'curl', package: 'curl', without: 'the tests that send requests as a person would fail' },
  {
    program: 'ruby',
    package: 'ruby ruby-chronic-duration ruby-fugit ruby-rack ruby-re2',
    without: 'only recorded answers are compared',
  },
]

/** Of what cannot be told by a program's name. */
const packages = [
  {
    name: 'python3-gitlab',
    isThere: hasPythonGitlab,
    without: 'it is NOT TESTED as a client (left out: test/clients/python-gitlab.test.ts)',
  },
]

/** Says before the tests what the machine lacks: nothing is left out in silence. */
export function setup(): void {
  for (const { program, package: debian, without } of programs) {
    if (spawnSync(program, ['--version']).error === undefined) continue
    process.stderr.write(`\n${program} is missing, ${without}: apt-get install ${debian}\n`)
  }
  for (const { name, isThere, without } of packages) {
    if (!isThere) process.stderr.write(`\n${name} is missing, ${without}: apt-get install ${name}\n`)
  }
}

/** And again where it is seen: behind the results. */
export const teardown = setup
