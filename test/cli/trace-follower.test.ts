import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { followTraces, type TraceFollower } from '../../src/cli/trace-follower.ts'
import { temporaryFolder } from '../support/git.ts'

let folder: string
let said: Map<number, string>
let ended: number[]
let order: string[]
let follower: TraceFollower

const logOf = (jobId: number): string => join(folder, `${jobId}.log`)

beforeEach(() => {
  folder = temporaryFolder()
  said = new Map()
  ended = []
  order = []
  follower = followTraces({
    pathOf: logOf,
    onBegin: (jobId) => order.push(`begin ${jobId}`),
    onBytes: (jobId, bytes) => said.set(jobId, (said.get(jobId) ?? '') + Buffer.from(bytes).toString()),
    onEnd(jobId) {
      ended.push(jobId)
      order.push(`end ${jobId}`)
    },
  })
})

describe('following logs', () => {
  it('goes on from where it was', async () => {
    writeFileSync(logOf(1), 'one\n')
    follower.look(1)
    await follower.idle()
    appendFileSync(logOf(1), 'two\n')
    follower.look(1)
    await follower.idle()
    expect(said.get(1)).toBe('one\ntwo\n')
    expect(ended).toEqual([])
  })

  it('shows the end of a job before the beginning of the next', async () => {
    writeFileSync(logOf(1), 'x'.repeat(1_000_000))
    follower.begin(1)
    follower.end(1)
    follower.begin(2)
    writeFileSync(logOf(2), 'second')
    follower.look(2)
    follower.end(2)
    await follower.idle()
    expect(order).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2'])
    expect(said.get(2)).toBe('second')
  })

  it('reads to the end before it says that a job has ended', async () => {
    writeFileSync(logOf(1), 'x'.repeat(1_000_000))
    follower.end(1)
    await follower.idle()
    expect(said.get(1)).toHaveLength(1_000_000)
    expect(ended).toEqual([1])
  })

  it('takes turns: a long log does not hold up a short one', async () => {
    writeFileSync(logOf(1), 'x'.repeat(3_000_000))
    writeFileSync(logOf(2), 'short')
    follower.end(1)
    follower.end(2)
    await follower.idle()
    expect(ended).toEqual([2, 1])
  })

  it('does not read a finished log again when an announcement comes late', async () => {
    writeFileSync(logOf(1), 'once')
    follower.end(1)
    await follower.idle()
    follower.look(1)
    await follower.idle()
    expect(said.get(1)).toBe('once')
  })

  it('takes a job that left no log', async () => {
    rmSync(logOf(3), { force: true })
    follower.look(3)
    follower.end(3)
    await follower.idle()
    expect(ended).toEqual([3])
    expect(said.has(3)).toBe(false)
  })
})
