import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { makeRoom } from '../../src/pipeline/room.ts'

const folders = [smallDisk('4m'), smallDisk('1500k')]
const [disk, tiny] = folders

describe.skipIf(!disk || !tiny)('room on a full disk', () => {
  it('is kept back once, given up once, and kept again when something was recorded and there is plenty', async () => {
    const folder = disk ?? ''
    const room = makeRoom(folder, systemClock, () => {})
    expect(room.spend()).toBe(false)
    room.keep()
    expect(existsSync(join(folder, 'ballast'))).toBe(true)
    expect(room.spend()).toBe(true)
    expect(room.spend()).toBe(false)
    expect(existsSync(join(folder, 'ballast'))).toBe(false)
    await room.make('something', () => {})
    expect(room.spend()).toBe(true)
  })

  it('is not kept where that would leave none for others', () => {
    const folder = tiny ?? ''
    const room = makeRoom(folder, systemClock, () => {})
    room.keep()
    expect(existsSync(join(folder, 'ballast'))).toBe(false)
    expect(() => writeFileSync(join(folder, 'other'), Buffer.alloc(1024 * 1024))).not.toThrow()
  })

  afterAll(() => {
    for (const folder of folders) {
      if (!folder) continue
      spawnSync('umount', ['--lazy', folder])
      rmSync(folder, { recursive: true })
    }
  })
})

/** Only root can mount a small disk, and not in every container. */
function smallDisk(size: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-room-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder], {
    stdio: 'ignore',
  })
  if (mounted.status === 0) return folder
  rmSync(folder, { recursive: true })
  return undefined
}
