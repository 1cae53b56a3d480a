import { expect, it } from 'vitest'
import { logTrouble } from '../../src/cli/log-trouble.ts'
import { frozenClock } from '../support/engine.ts'

it('says once a minute what keeps a log from being written, and in it what was lost', () => {
  const clock = frozenClock()
  const said: string[] = []
  const trouble = logTrouble('/x/daemon.log', clock, (text) => void said.push(text))
  for (let line = 0; line < 100; line++) trouble.failed(new Error('ENOSPC: no space left on device'))
  expect(said).toEqual(['warning: /x/daemon.log: Error: ENOSPC: no space left on device\n'])
  clock.advance(60_000)
  trouble.failed('again')
  expect(said).toHaveLength(2)
  expect(trouble.written()).toBeUndefined()
  for (let line = 0; line < 7; line++) trouble.dropped()
  expect(trouble.written()).toBe('7 lines were lost: the log could not be written')
  expect(trouble.written()).toBeUndefined()
})
