import { describe, expect, it } from 'vitest'
import { isLoopback, unprotectedExposure, type Exposure } from '../../src/cli/exposure.ts'

it.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.5', false],
  ['127.0.0.1.example.com', false],
])('%s is this machine only: %s', (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback)
})

const notice = 'bubblewrap does not work here'

describe('plain processes beyond loopback', () => {
  const allowed: readonly [host: string, choice: Exposure['choice'], executor: Exposure['executor']][] = [
    ['0.0.0.0', 'shell', 'shell'],
    ['0.0.0.0', 'auto', 'bubblewrap'],
    ['127.0.0.1', 'auto', 'shell'],
  ]
  it.each(allowed)('are all right on %s with executor %s, which came to %s', (host, choice, executor) => {
    expect(unprotectedExposure({ host, choice, executor, notice })).toBeUndefined()
  })

  it('are refused when nobody asked for them', () => {
    const problem = unprotectedExposure({ host: '0.0.0.0', choice: 'auto', executor: 'shell', notice })
    expect(problem?.exitCode).toBe(6)
    expect(problem?.problems[0]?.help).toBe(
      'bubblewrap does not work here\n  to run them so all the same, write it down: `executor: shell`',
    )
  })
})
