import { spawnSync } from 'node:child_process'

/** Whether this machine has bubblewrap at all; CI installs it. */
export const hasBubblewrap = spawnSync('bwrap', ['--version']).error === undefined

/** What is about nothing but the sandbox: cannot be run without it, and is named before and behind the results then. */
export const sandboxTests = [
  'bubblewrap-escape',
  'bubblewrap',
  'choose',
  'ordinary-user',
  'sandbox-policy',
].map((name) => `test/runner/executors/${name}.test.ts`)

/** What a command says on stderr about this machine: nothing, or what is missing and what brings it. */
export const sandboxNotice = hasBubblewrap ? /^$/ : /apt-get install bubblewrap\n$/
