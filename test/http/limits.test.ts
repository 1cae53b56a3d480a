import { connect } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen } from '../../src/http/server.ts'
import { startServer, type TestServer } from './support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** Everything that the server says until it closes the connection. */
function speak(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
  })
}

describe('bytes that are no request', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n', 400, '{"message":"400 Bad Request"}'],
    [
      'too long an address',
      `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      414,
      '{"message":"414 URI Too Long"}',
    ],
    [
      'too long a head',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      '{"message":"431 Request Header Fields Too Large"}',
    ],
    [
      'no Host where one is due',
      'GET /api/v4/user HTTP/1.1\r\nConnection: close\r\n\r\n',
      400,
      '{"message":"400 Bad request"}',
    ],
    [
      'two hosts',
      'GET /api/v4/user HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      400,
      '{"message":"400 Bad request"}',
    ],
    ['no Host', 'GET /api/v4/user HTTP/1.0\r\n\r\n', 401, '{"message":"401 Unauthorized"}'],
    [
      'an absolute address',
      'GET http://evil.example/api/v4/user HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
      '{"message":"400 Bad request"}',
    ],
    [
      'a star',
      'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
      '{"message":"400 Bad request"}',
    ],
  ])('%s: JSON, and the end', async (_what, bytes, status, body) => {
    const heard = await speak(server.port, bytes)
    expect(heard).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(heard).toMatch(/\r\nContent-Type: application\/json\r\n/i)
    expect(heard).toContain(body)
  })
})

describe('listen', () => {
  it('drops slow senders and bounds connections', async () => {
    const listening = await listen(express(), { host: '127.0.0.1', port: 0 })
    if (!listening.ok) throw listening.error
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = listening.value.server
    await new Promise((resolve) => listening.value.server.close(resolve))
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxConnections }).toEqual({
      headersTimeout: 5000,
      requestTimeout: 3_600_000,
      keepAliveTimeout: 5000,
      maxConnections: 1000,
    })
  })

  it('says which port it got', async () => {
    const listening = await listen(express(), { host: '127.0.0.1', port: 0 })
    if (!listening.ok) throw listening.error
    expect(listening.value).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) })
    expect(listening.value.port).toBeGreaterThan(0)
    await new Promise((resolve) => listening.value.server.close(resolve))
  })

  it.each([
    ['a port in use', () => ({ host: '127.0.0.1', port: server.port }), 'EADDRINUSE'],
    ['an address of another machine', () => ({ host: '192.0.2.1', port: 0 }), 'EADDRNOTAVAIL'],
  ])('%s is an error with its code', async (_what, address, code) => {
    const listening = await listen(express(), address())
    expect(listening.ok ? 'listens' : listening.error.code).toBe(code)
  })
})
