import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { makeRoom } from '../../src/pipeline/room.ts'
import { openTraceWriter } from '../../src/pipeline/traces.ts'
import { openStore, type Store } from '../../src/store/store.ts'

const JOB = { id: 7, pipelineId: 1, createdAt: 0 }
const MiB = 1024 * 1024

/** Only root can mount a small disk, and not in every container. */
const mountable = smallDisk().unmount()

let after = () => {}
afterEach(() => after())

describe.skipIf(!mountable)('a log on a full disk', () => {
  it('gives some of it back when it has filled it, and says so', async () => {
    const { folder, store, trace } = open()
    await expect(fill(trace)).rejects.toThrow('ENOSPC')
    expect(free(folder)).toBeGreaterThan(128 * 1024)
    await trace.close()
    expect(store.traces.sizeOf(trace.path)).toBe(readFileSync(trace.path).length)
    expect(readFileSync(trace.path, 'latin1')).toMatch(
      /x\n\u001b\[31;1mERROR: there is no room left on the disk; the rest of this log is missing\u001b\[0;m\n$/,
    )
  })

  it('keeps what it has when somebody else has filled it', async () => {
    const { folder, trace } = open()
    await trace.write(Buffer.from('first\n'))
    try {
      writeFileSync(join(folder, 'filler'), Buffer.alloc(32 * MiB))
    } catch {
      // that is the point
    }
    await expect(fill(trace)).rejects.toThrow('ENOSPC')
    expect(readFileSync(trace.path, 'latin1')).toMatch(/^first\n/)
    expect(readFileSync(trace.path, 'latin1')).not.toContain('ERROR')
    rmSync(join(folder, 'filler'))
    await trace.close()
  })
})

function open(): { folder: string; store: Store; trace: ReturnType<typeof openTraceWriter> } {
  const { folder, unmount } = smallDisk()
  const store = openStore(folder, { powerSafe: false })
  after = () => {
    store.close()
    unmount()
  }
  const room = makeRoom(folder, systemClock, () => {})
  const trace = openTraceWriter({ store, room, clock: systemClock, announce: () => {} }, JOB)
  return { folder, store, trace }
}

async function fill(trace: { write(bytes: Uint8Array): Promise<void> }): Promise<never> {
  for (;;) await trace.write(Buffer.alloc(64 * 1024, 'x'))
}

function free(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function smallDisk(): { folder: string; unmount(): boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-trace-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', folder], { stdio: 'ignore' })
  return {
    folder,
    unmount() {
      if (status === 0) spawnSync('umount', ['--lazy', folder])
      rmSync(folder, { recursive: true })
      return status === 0
    },
  }
}
