import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backgroundClock, systemClock } from '../../src/platform/clock.ts'

describe.each([
  ['systemClock', systemClock],
  ['backgroundClock', backgroundClock],
])('%s', (_, clock) => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }))
  afterEach(() => void vi.useRealTimers())

  it('says the time in milliseconds since the epoch', () => {
    expect(clock.now()).toBe(1_700_000_000_000)
    vi.advanceTimersByTime(250)
    expect(clock.now()).toBe(1_700_000_000_250)
  })

  it('runs once, after the time and not before', () => {
    const run = vi.fn<() => void>()
    clock.after(1000, run)
    vi.advanceTimersByTime(999)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(5000)
    expect(run).toHaveBeenCalledTimes(1)
  })

  it('runs nothing that was cancelled', () => {
    const run = vi.fn<() => void>()
    const cancel = clock.after(1000, run)
    cancel()
    vi.advanceTimersByTime(5000)
    expect(run).not.toHaveBeenCalled()
  })

  it('waits for times beyond what a timer of node can hold', () => {
    const sixtyDays = 60 * 24 * 3600 * 1000
    const run = vi.fn<() => void>()
    const cancelled = vi.fn<() => void>()
    clock.after(sixtyDays, run)
    const cancel = clock.after(sixtyDays, cancelled)
    vi.advanceTimersByTime(sixtyDays - 1)
    expect(run).not.toHaveBeenCalled()
    cancel()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(1)
    expect(cancelled).not.toHaveBeenCalled()
  })
})

it('keeps the process alive with a timer of systemClock only', () => {
  const count = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = count()
  const cancelBackground = backgroundClock.after(100_000, () => {})
  expect(count()).toBe(before)
  const cancel = systemClock.after(100_000, () => {})
  expect(count()).toBe(before + 1)
  cancel()
  cancelBackground()
})

it('has a monotonic time that does not run backwards', () => {
  const first = systemClock.monotonic()
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first)
})
