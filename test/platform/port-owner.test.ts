import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { portOwner } from '../../src/platform/port-owner.ts'

let server: Server | undefined
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())))

async function listen(host: string): Promise<number> {
  const listening = createServer()
  server = listening
  await new Promise<void>((resolve, reject) => listening.once('error', reject).listen(0, host, resolve))
  const address: AddressInfo | string | null = listening.address()
  return typeof address === 'object' && address ? address.port : 0
}

it.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', 'localhost', true],
  ['127.0.0.1', '0.0.0.0', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['0.0.0.0', '127.0.0.1', true],
  ['::', '127.0.0.1', true],
  ['::1', '::1', true],
  ['::1', '127.0.0.1', false],
])('a listener on %s, asked for %s', async (listensOn, asked, found) => {
  const port = await listen(listensOn)
  const owner = portOwner(asked, port)
  expect(owner?.pid).toBe(found ? process.pid : undefined)
  expect(owner?.command ?? 'nobody').toMatch(found ? /node|vitest/ : /^nobody$/)
})

it('knows nothing of a port that nobody has', async () => {
  const port = await listen('127.0.0.1')
  await new Promise<void>((resolve) => server?.close(() => resolve()))
  expect(portOwner('127.0.0.1', port)).toBeUndefined()
})
