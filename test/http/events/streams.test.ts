import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Source } from '../../../src/http/events/source.ts'
import { openStreams, type Streams } from '../../../src/http/events/streams.ts'
import type { PipelineEvent } from '../../../src/model/events.ts'
import { frozenClock, type FrozenClock } from '../../support/engine.ts'

interface Bench {
  readonly streams: Streams
  readonly clock: FrozenClock
  announce(): void
}

function bench(most = 10): Bench {
  const clock = frozenClock()
  const listeners = new Set<(event: PipelineEvent) => void>()
  const events = {
    on(listener: (event: PipelineEvent) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return {
    clock,
    streams: openStreams({ clock, events }, most),
    announce() {
      for (const listener of listeners) listener({ type: 'trace', pipelineId: 1, jobId: 1, size: 1 })
    },
  }
}

const sourceOf = (next: Source['next'], ended: () => boolean = () => false): Source => ({
  next,
  ended,
  concerns: () => true,
  lookAgain: () => {},
})

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a stream of events', () => {
  it('asks its source again when something was announced, and once more after that millisecond', async () => {
    const { streams, clock, announce } = bench()
    let asked = 0
    const stream = streams.open(sourceOf(() => void asked++))
    stream?.on('data', () => {})
    await settled()
    clock.advance(2)
    await settled()
    const before = asked
    announce()
    await settled()
    expect(asked).toBe(before + 1)
    clock.advance(2)
    await settled()
    expect(asked).toBe(before + 2)
    stream?.destroy()
  })

  it('lets a slow reader have what fits, and asks for nothing beyond', async () => {
    const { streams, announce } = bench()
    let given = 0
    const piece = 'x'.repeat(10_000)
    const stream = streams.open(
      sourceOf(() => {
        given++
        return piece
      }),
    )
    stream?.read(0)
    await settled()
    for (let count = 0; count < 100; count++) announce()
    await settled()
    expect(given).toBe(7) // 64 KiB
    expect(stream?.readableLength).toBe(70_000)
    stream?.destroy()
  })

  it('says that it lives when nothing happens', async () => {
    const { streams, clock } = bench()
    const stream = streams.open(sourceOf(() => undefined))
    const got: string[] = []
    stream?.on('data', (chunk: string) => got.push(chunk))
    await settled()
    clock.advance(15_000)
    await settled()
    clock.advance(15_000)
    await settled()
    expect(got).toEqual([': heartbeat\n\n', ': heartbeat\n\n'])
    stream?.destroy()
  })

  it('ends when its source has told everything', async () => {
    const { streams } = bench()
    const texts = ['a', 'b']
    const stream = streams.open(
      sourceOf(
        () => texts.shift(),
        () => texts.length === 0,
      ),
    )
    if (!stream) throw new Error('no stream')
    const got: string[] = []
    for await (const chunk of stream) got.push(chunk as string)
    expect(got.join('')).toBe('ab')
    expect(streams.size).toBe(0)
  })

  it('is refused when there are as many as may be, until one is closed', async () => {
    const { streams } = bench(1)
    const first = streams.open(sourceOf(() => undefined))
    expect(streams.open(sourceOf(() => undefined))).toBeUndefined()
    if (!first) throw new Error('no stream')
    first.destroy()
    await once(first, 'close')
    expect(streams.open(sourceOf(() => undefined))).toBeDefined()
  })

  it('all end with the server', async () => {
    const { streams } = bench()
    const stream = streams.open(sourceOf(() => undefined))
    stream?.on('data', () => {})
    const end = stream ? once(stream, 'end') : undefined
    streams.endAll()
    await end
    expect(stream?.readableEnded).toBe(true)
  })

  it('a source that fails ends the stream', async () => {
    const { streams } = bench()
    const stream = streams.open(sourceOf(() => Promise.reject(new Error('gone'))))
    stream?.on('data', () => {})
    const [error] = stream ? ((await once(stream, 'error')) as [Error]) : []
    expect(error?.message).toBe('gone')
  })
})
