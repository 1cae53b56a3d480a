import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ensureAccessToken } from '../../src/app/access-token.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/git.ts'

let store: Store
let file: string

beforeEach(() => {
  const folder = temporaryFolder()
  store = openStore(folder, { powerSafe: false })
  onTestFinished(() => store.close())
  store.users.put({ username: 'root', name: 'Ada', email: 'ada@example.com' })
  file = join(folder, 'access-token')
})

describe('the access token of the local user', () => {
  it('is made once, for its owner only, and is known by its fingerprint', async () => {
    expect(await ensureAccessToken(store, 1)).toEqual({ path: file, isNew: true })
    const token = readFileSync(file, 'utf8')
    expect(token).toMatch(/^glpat-[A-Za-z0-9_-]{20}\n$/)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect(store.accessTokens.findByToken(token.trim())).toMatchObject({
      userId: 1,
      scopes: ['api'],
      revokedAt: null,
    })
    expect(await ensureAccessToken(store, 2)).toEqual({ path: file, isNew: false })
    expect(readFileSync(file, 'utf8')).toBe(token)
  })

  it('is made anew when the file is gone or holds no token', async () => {
    await ensureAccessToken(store, 1)
    const before = readFileSync(file, 'utf8')
    rmSync(file)
    expect((await ensureAccessToken(store, 2)).isNew).toBe(true)
    expect(readFileSync(file, 'utf8')).not.toBe(before)
    writeFileSync(file, 'something else\n')
    expect((await ensureAccessToken(store, 3)).isNew).toBe(true)
    expect(store.accessTokens.findByToken(readFileSync(file, 'utf8').trim())).toBeDefined()
  })

  it('is written into the database again when that is new', async () => {
    writeFileSync(file, 'glpat-abcdefghijklmnopqrst\n', { mode: 0o600 })
    expect((await ensureAccessToken(store, 1)).isNew).toBe(false)
    expect(store.accessTokens.findByToken('glpat-abcdefghijklmnopqrst')).toMatchObject({ userId: 1 })
  })
})
