import { DEFAULT_ISOLATION, type Isolation, type SandboxPolicy } from '../../../src/model/isolation.ts'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bubblewrapExecutor } from '../../../src/runner/executors/bubblewrap.ts'
import { chooseExecutor, tryExecutor } from '../../../src/runner/executors/choose.ts'
import { viewHost } from '../../../src/runner/executors/sandbox-mounts.ts'
import { bubblewrap, shell } from '../support/executors.ts'

const isolation = (executor: string, sandbox: Partial<SandboxPolicy> = {}): Isolation => ({
  ...DEFAULT_ISOLATION,
  executor: executor as Isolation['executor'],
  sandbox: { ...DEFAULT_ISOLATION.sandbox, ...sandbox },
})

let folder: string
let scratchDir: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-choose-'))
  scratchDir = join(folder, 'scratch')
  mkdirSync(scratchDir)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the trial', () => {
  it.each([
    ['bubblewrap', bubblewrap],
    ['shell', shell],
  ])('%s runs here, and leaves nothing', async (_, make) => {
    expect(await tryExecutor(make(), scratchDir)).toBe(null)
    expect(readdirSync(scratchDir)).toEqual([])
  })

  it('gives the words of bubblewrap when its arguments do not work', async () => {
    const view = viewHost({ root: false, home: '/nonexistent' })
    const broken = bubblewrapExecutor({
      shell: shell().shell,
      home: '/home/x',
      view: { ...view, system: [...view.system, '--ro-bind', '/nonexistent/source', '/x'] },
    })
    expect(await tryExecutor(broken, scratchDir)).toBe(
      "bwrap: Can't find source path /nonexistent/source: No such file or directory",
    )
    expect(readdirSync(scratchDir)).toEqual([])
  })

  it('gives the reason when the scratch folder cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '')
    expect(await tryExecutor(shell(), join(folder, 'file/scratch'))).toMatch(
      /^ENOTDIR: not a directory, mkdir/,
    )
  })
})

describe('the choice', () => {
  it.each(['auto', 'bubblewrap'] as const)('%s takes bubblewrap where it works', async (choice) => {
    const chosen = await chooseExecutor(isolation(choice), { scratchDir })
    expect(chosen).toMatchObject({
      ok: true,
      value: {
        notice: null,
        executor: {
          name: 'bubblewrap',
          isolation: 'bubblewrap (user,pid,ipc,uts; network host; seccomp on; limits: none)',
        },
      },
    })
  })

  it('shell is shell', async () =>
    expect(await chooseExecutor(isolation('shell'), { scratchDir })).toMatchObject({
      ok: true,
      value: { notice: null, executor: { name: 'shell', isolation: 'shell' } },
    }))

  describe('on a machine where bubblewrap does not work', () => {
    const broken = { command: '' }
    beforeAll(() => {
      broken.command = join(folder, 'bwrap')
      writeFileSync(
        broken.command,
        '#!/bin/sh\necho "bwrap: setting up uid map: Permission denied" >&2\nexit 1\n',
      )
      chmodSync(broken.command, 0o755)
    })

    it('auto falls back with one notice that says why and what helps', async () => {
      const chosen = await chooseExecutor(isolation('auto'), { scratchDir, bubblewrap: broken.command })
      expect(chosen).toMatchObject({ ok: true, value: { executor: { name: 'shell' } } })
      const notice = chosen.ok ? chosen.value.notice : ''
      expect(notice).toContain(
        'bubblewrap does not work here: bwrap: setting up uid map: Permission denied\n',
      )
      expect(notice).toContain(
        'Jobs run as plain processes (shell executor): they can read what you can read.',
      )
    })

    it('bubblewrap fails rather than weakens', async () => {
      const chosen = await chooseExecutor(isolation('bubblewrap'), { scratchDir, bubblewrap: broken.command })
      expect(chosen.ok).toBe(false)
    })

    it('one that is not installed is named with the command that installs it', async () => {
      const chosen = await chooseExecutor(isolation('auto'), { scratchDir, bubblewrap: '/nonexistent/bwrap' })
      expect(chosen.ok && chosen.value.notice).toContain('apt-get install bubblewrap')
    })
  })
})
