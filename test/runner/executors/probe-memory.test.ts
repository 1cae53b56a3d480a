import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { probeMemory } from '../../../src/runner/executors/probe-memory.ts'
import { temporaryFolder } from '../../support/state-folder.ts'

function program(folder: string, text: string): string {
  const file = join(folder, 'bwrap')
  writeFileSync(file, text)
  chmodSync(file, 0o755)
  return file
}

it('knows nothing at first, then what it learnt, until it is told to forget', () => {
  const folder = temporaryFolder()
  const bubblewrap = program(folder, 'one')
  const memory = probeMemory(join(folder, 'probe'), bubblewrap, '/bin/sh')
  expect(memory.knows()).toBe(false)
  memory.learn()
  expect(memory.knows()).toBe(true)
  expect(probeMemory(join(folder, 'probe'), bubblewrap, '/bin/sh').knows()).toBe(true)
  memory.forget()
  expect(memory.knows()).toBe(false)
})

it('takes nothing for granted of another program, or of the same one changed', () => {
  const folder = temporaryFolder()
  const bubblewrap = program(folder, 'one')
  probeMemory(folder, bubblewrap, '/bin/sh').learn()
  expect(probeMemory(folder, '/usr/bin/env', '/bin/sh').knows()).toBe(false)
  expect(probeMemory(folder, bubblewrap, '/bin/cat').knows()).toBe(false)
  program(folder, 'another one')
  expect(probeMemory(folder, bubblewrap, '/bin/sh').knows()).toBe(false)
})
