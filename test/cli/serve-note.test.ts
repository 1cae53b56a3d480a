import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { noteDaemon } from '../../src/cli/serve-note.ts'
import { daemonOf } from '../../src/platform/daemon-note.ts'
import { temporaryFolder } from '../support/state-folder.ts'

function note() {
  const stateDir = temporaryFolder()
  const warnings: string[] = []
  const told: string[] = []
  const looked = noteDaemon({
    url: 'http://127.0.0.1:8929',
    stateDir,
    config: '/srv/runner.config.yaml',
    projects: () => [{ id: 9, name: 'group/app', path: '/srv/app' }],
    log: { warn: (text) => warnings.push(text), tell: (text) => told.push(text) },
    context: { env: { XDG_STATE_HOME: join(stateDir, 'home') }, err: () => undefined },
  })
  return { stateDir, looked, warnings, told }
}

const TAKEN = {
  kind: 'taken',
  text: 'it is read: 1 projects',
  leftOut: { diagnostics: [], sources: new Map() },
} as const

it('counts the looks at the configuration, with what each came to', () => {
  const { stateDir, looked, told } = note()
  expect(daemonOf(stateDir)?.configuration).toEqual({ looks: 0, isTaken: true, text: '' })
  looked(TAKEN)
  looked({ kind: 'kept', text: 'it is empty' })
  expect(daemonOf(stateDir)?.configuration).toEqual({ looks: 2, isTaken: false, text: 'it is empty\n' })
  expect(told).toEqual([TAKEN.text])
})

it('lives on when it cannot be written', () => {
  const { stateDir, looked, warnings, told } = note()
  rmSync(stateDir, { recursive: true })
  looked(TAKEN)
  expect(told).toEqual([TAKEN.text])
  expect(warnings).toEqual([expect.stringMatching(/^what became of it could not be noted: Error: ENOENT/)])
})
