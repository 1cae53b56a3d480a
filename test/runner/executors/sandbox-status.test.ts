import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { readStatus } from '../../../src/runner/executors/sandbox-status.ts'

it.each([
  ['whole', ['{ "child-pid": 4711 }\n', '{ "exit-code": 42 }\n'], 4711, 42],
  [
    'in single characters',
    '{ "child-pid": 4711, "cgroup-namespace": 4026531835 }\n{ "exit-code": 0 }\n'.split(''),
    4711,
    0,
  ],
  ['cut inside a number', ['{ "child-pid": 47', '11 }\n{ "exit-code": 1', '37 }\n'], 4711, 137],
  ['without an end', ['{ "child-pid": 4711 }\n'], 4711, undefined],
  ['cut off inside the end', ['{ "child-pid": 4711 }\n{ "exit-code": 1'], 4711, undefined],
  ['nothing', [], undefined, undefined],
])('status that arrives %s', async (_, pieces, pid, code) => {
  const stream = new PassThrough()
  const status = readStatus(stream)
  for (const piece of pieces) stream.write(piece)
  stream.end()
  expect(await status.child).toBe(pid)
  expect(await status.exitCode).toBe(code)
})
