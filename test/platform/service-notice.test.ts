import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serviceNotice } from '../../src/platform/service-notice.ts'
import { frozenClock } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

/** In place of systemd-notify: writes down what it is told, and with what environment. */
function scribe(): { readonly program: string; said(): string[]; heard(lines: number): Promise<string[]> } {
  const folder = temporaryFolder()
  const program = join(folder, 'systemd-notify')
  const log = join(folder, 'log')
  writeFileSync(
    program,
    `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${log}\nenv | grep SECRET >> ${log}\nexit 0\n`,
  )
  chmodSync(program, 0o755)
  const said = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
  return {
    program,
    said,
    async heard(lines) {
      for (let look = 0; said().length < lines && look < 500; look++) await wait(10)
      return said()
    },
  }
}

const ENV = { NOTIFY_SOCKET: '/run/systemd/notify', SECRET: 'x' }

it('says when it is ready, reads its configuration anew and stops', async () => {
  const { program, heard } = scribe()
  const manager = serviceNotice(ENV, frozenClock(), program)
  manager.ready('serves 2 projects')
  expect(await heard(1)).toEqual(['/run/systemd/notify READY=1 STATUS=serves 2 projects'])
  manager.reloading()
  expect((await heard(2)).at(-1)).toBe('/run/systemd/notify RELOADING=1')
  await manager.stopping()
  expect((await heard(3)).at(-1)).toBe('/run/systemd/notify STOPPING=1')
})

it('says twice in each watchdog interval that it lives, and no more once it stops', async () => {
  const { program, said, heard } = scribe()
  const clock = frozenClock()
  const manager = serviceNotice(
    { ...ENV, WATCHDOG_USEC: '60000000', WATCHDOG_PID: String(process.pid) },
    clock,
    program,
  )
  manager.ready('x')
  await heard(1)
  for (const lines of [2, 3]) {
    clock.advance(30_000)
    expect((await heard(lines)).at(-1)).toBe('/run/systemd/notify WATCHDOG=1')
  }
  await manager.stopping()
  clock.advance(300_000)
  expect(said()).toHaveLength(4)
})

it('the watchdog of another process is none of ours', async () => {
  const { program, said, heard } = scribe()
  const clock = frozenClock()
  const manager = serviceNotice({ ...ENV, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '1' }, clock, program)
  manager.ready('x')
  await heard(1)
  clock.advance(300_000)
  await manager.stopping()
  expect(said()).toHaveLength(2)
})

it('does nothing where no manager listens', async () => {
  const { program, said } = scribe()
  const manager = serviceNotice({}, frozenClock(), program)
  manager.ready('x')
  await manager.stopping()
  expect(said()).toEqual([])
})
