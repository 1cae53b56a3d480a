import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ownIdentity } from '../../../src/platform/process-identity.ts'
import { sweepSlots } from '../../../src/runner/workspace/sweep-slots.ts'

it('ends what works in the slots of the dead, and nothing else', async () => {
  const builds = mkdtempSync(join(tmpdir(), 'sluice-slots-'))
  const sleeper = (slot: string, owner: object) => {
    mkdirSync(join(builds, '1', slot, 'app'), { recursive: true })
    writeFileSync(join(builds, '1', slot, 'lock'), JSON.stringify(owner))
    return spawn('sleep', ['1000'], {
      cwd: join(builds, '1', slot, 'app'),
      env: {},
      detached: true,
      stdio: 'ignore',
    })
  }
  const own = ownIdentity()
  const lost = sleeper('0', { ...own, pid: 4_194_305 })
  const kept = sleeper('1', own)
  const gone = once(lost, 'exit')
  sweepSlots(builds)
  expect(await gone).toEqual([null, 'SIGKILL'])
  expect(kept.exitCode).toBe(null)
  expect(kept.kill('SIGKILL')).toBe(true)
  rmSync(builds, { recursive: true })
})
