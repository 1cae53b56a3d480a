import { expect, test } from 'vitest'
import { makePrecedence } from '../../src/pipeline/precedence.ts'
import { frozenClock } from '../support/engine.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('a job waits until whoever asks has been answered', async () => {
  const precedence = makePrecedence(frozenClock())
  const order: string[] = []
  let answer = (): void => undefined
  const answering = precedence.answer(() => new Promise<void>((resolve) => (answer = resolve)))
  const job = precedence.turn().then(() => order.push('job'))
  await nextTurn()
  expect(order).toEqual([])
  answer()
  await answering
  order.push('answer')
  await job
  expect(order).toEqual(['answer', 'job'])
})

test('an error is an answer too', async () => {
  const precedence = makePrecedence(frozenClock())
  await expect(precedence.answer(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await nextTurn()
  await precedence.turn()
})

test('a flood of requests holds jobs back for a moment only', async () => {
  const clock = frozenClock()
  const precedence = makePrecedence(clock)
  void precedence.answer(() => new Promise(() => undefined))
  let started = false
  const job = precedence.turn().then(() => (started = true))
  clock.advance(19)
  await nextTurn()
  expect(started).toBe(false)
  clock.advance(1)
  await job
  expect(started).toBe(true)
})
