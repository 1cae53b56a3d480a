import { afterAll, beforeAll, expect, it } from 'vitest'
import { shellExecutor } from '../../src/runner/executors/shell.ts'
import { findShell } from '../../src/runner/script/shell.ts'
import { harness, printed, type Harness } from './support/harness.ts'
import { variable } from './support/payload.ts'

let lab: Harness
beforeAll(() => {
  const sh = findShell(undefined, { bash: ['/nonexistent/bash'], sh: ['/bin/sh'] })
  if (!sh) throw new Error('no /bin/sh')
  lab = harness(shellExecutor(sh))
})
afterAll(() => lab.close())

it('where bash is missing sh runs the job, and the log says so', async () => {
  const { end, log, output } = await lab.run({
    script: ['echo "back\\slash"', 'echo one\necho two', 'echo "<$A>"', 'cat', 'exit 3'],
    variables: [variable('A', `it's "quoted"\nhere`)],
    afterScript: ['echo "after $CI_JOB_STATUS"'],
  })
  expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 3 })
  expect(log).toContain('Using Shell (sh) executor...')
  expect(log).toContain('WARNING: bash was not found: the scripts run in sh')
  expect(output).toContain('\u001b[32;1m$ echo "back\\slash"\u001b[0;m\n')
  expect(printed(output)).toContain(`one\ntwo\n<it's "quoted"\nhere>\n`)
  expect(log).toContain('after failed\n')
})

it('no shell at all', () =>
  expect(findShell(undefined, { bash: [], sh: ['/nonexistent/sh'] })).toBe(undefined))
