import { expect, it } from 'vitest'
import { eventsOf, type ServerEvent } from '../../../src/cli/daemon/server-events.ts'

async function* pieces(...texts: (string | Buffer)[]): AsyncGenerator<string | Buffer> {
  yield* texts
}

async function read(...texts: (string | Buffer)[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of eventsOf(pieces(...texts))) events.push(event)
  return events
}

it('reads events, however they are cut', async () => {
  const text =
    'retry: 2000\nid: 1-0-0\n\nid: 7-3-1\nevent: job.started\ndata: {"a":"ü: b"}\n\n: heartbeat\n\n'
  const expected = [
    { event: '', id: '1-0-0', data: undefined },
    { event: 'job.started', id: '7-3-1', data: { a: 'ü: b' } },
    { event: '', id: '', data: undefined },
  ]
  expect(await read(text)).toEqual(expected)
  expect(await read(...[...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toEqual(expected)
})

it('does not tell an event that is cut off', async () => {
  expect(await read('id: 1\nevent: x\ndata: {}\n\nid: 2\nevent: y\ndata: {"cut')).toEqual([
    { event: 'x', id: '1', data: {} },
  ])
})
