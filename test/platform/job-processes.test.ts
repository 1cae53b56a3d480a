import { expect, it } from 'vitest'
import { jobsByProcess, noteJobProcesses } from '../../src/platform/job-processes.ts'

it('knows the job of a process until it is forgotten', () => {
  const forget = noteJobProcesses(7, [100, 101])
  const forgetOther = noteJobProcesses(8, [102])
  expect(new Map(jobsByProcess())).toEqual(
    new Map([
      [100, 7],
      [101, 7],
      [102, 8],
    ]),
  )
  forget()
  expect(new Map(jobsByProcess())).toEqual(new Map([[102, 8]]))
  forgetOther()
  expect(jobsByProcess().size).toBe(0)
})
