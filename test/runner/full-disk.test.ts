import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { hasBubblewrap } from '../support/sandbox.ts'
import { harness } from './support/harness.ts'
import { bubblewrap, shell } from './support/executors.ts'

/** Only root can mount a small disk, and not in every container. */
const mountable = canMount()

describe.each([
  ['bubblewrap', bubblewrap],
  ['shell', shell],
])('a disk that a job has filled, with %s', (name, make) => {
  it.skipIf(!mountable || (name === 'bubblewrap' && !hasBubblewrap))(
    'the job fails with the words of its tools, the next one has room again',
    async () => {
      const disk = mountSmall()
      const lab = harness(make(), { buildsDir: join(disk, 'builds'), scratchDir: join(disk, 'scratch') })
      const full = await lab.run({ script: ['head -c 100M /dev/zero > big'], afterScript: ['echo after'] })
      expect(full.end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 1 })
      expect(full.log).toContain('No space left on device')
      // What a job leaves is moved aside at once and deleted in the background.
      await vi.waitUntil(() => statfsSync(disk).bavail * statfsSync(disk).bsize > 4_000_000, {
        timeout: 20_000,
      })
      expect((await lab.run({ script: ['cat README.md; echo x > small'] })).end).toEqual({ state: 'success' })
      await lab.close()
      unmount(disk)
    },
  )

  it.skipIf(!mountable || (name === 'bubblewrap' && !hasBubblewrap))(
    'somebody else has filled it: the job fails with a reason, the runner lives',
    async () => {
      const disk = mountSmall()
      const lab = harness(make(), { buildsDir: join(disk, 'builds'), scratchDir: join(disk, 'scratch') })
      expect((await lab.run({ script: ['true'] })).end).toEqual({ state: 'success' })
      await lab.runner.idle()
      const filler = join(disk, 'filler')
      spawnSync('sh', ['-c', `cat /dev/zero > ${filler}`], { stdio: 'ignore' })
      const { end, log } = await lab.run({ script: ['true'] })
      expect(end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
      expect(log).toMatch(/ERROR: Job failed \(system failure\): .*(ENOSPC|[Nn]o space left)/)
      rmSync(filler)
      expect((await lab.run({ script: ['true'] })).end).toEqual({ state: 'success' })
      await lab.close()
      unmount(disk)
    },
  )
})

function mountSmall(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', folder])
  return folder
}

function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder])
  rmSync(folder, { recursive: true })
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder], { stdio: 'ignore' })
  if (mounted.status === 0) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true })
  return mounted.status === 0
}
