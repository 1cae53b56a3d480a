import { describe, expect, it } from 'vitest'
import { findShell } from '../../../src/runner/script/shell.ts'

const here = { bash: ['/nonexistent/bash', '/bin/bash'], sh: ['/bin/sh'] }
const noBash = { ...here, bash: ['/nonexistent/bash'] }

describe('the shell of a job', () => {
  it.each([
    ['auto', false, here, '/bin/bash --noprofile --norc'],
    ['auto', false, noBash, '/bin/sh'],
    ['auto', true, noBash, '/bin/sh -l'],
    ['bash', true, here, '/bin/bash --login'],
    ['bash', false, noBash, undefined],
    ['sh', false, here, '/bin/sh'],
  ] as const)('%s, login: %s', (name, login, candidates, command) => {
    const shell = findShell({ name, login }, candidates)
    expect(shell && [shell.path, ...shell.args].join(' ')).toBe(command)
  })
})
