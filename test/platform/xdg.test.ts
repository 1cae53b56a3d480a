import { mkdirSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheFolderOf, cacheHome, folderNameOf, stateFolderOf, stateHome } from '../../src/platform/xdg.ts'
import { temporaryFolder } from '../support/git.ts'

describe('homes', () => {
  it.each([
    [{ HOME: '/home/ada' }, '/home/ada/.local/state', '/home/ada/.cache'],
    [{ HOME: '/home/ada', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c' }, '/s', '/c'],
    [
      { HOME: '/home/ada', XDG_STATE_HOME: 'relative', XDG_CACHE_HOME: '' },
      '/home/ada/.local/state',
      '/home/ada/.cache',
    ],
    [{}, join(homedir(), '.local/state'), join(homedir(), '.cache')],
  ])('%j', (env, state, cache) => {
    expect(stateHome(env)).toBe(state)
    expect(cacheHome(env)).toBe(cache)
  })
})

describe('folderNameOf', () => {
  it('is the name and the hash of the real path', () => {
    // printf /no/such/app | sha256sum
    expect(folderNameOf('/no/such/app')).toBe('app-137050bdfc8d')
    expect(folderNameOf('/no/such/../such/app/')).toBe('app-137050bdfc8d')
  })

  it('is the same through a symbolic link', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'link'))
    expect(folderNameOf(join(folder, 'link'))).toBe(folderNameOf(join(folder, 'real')))
  })

  it.each([
    ['/', /^root-[0-9a-f]{12}$/],
    ['/x/-rf my\nrepo ü', /^rf-my-repo--[0-9a-f]{12}$/],
    ['/x/...', /^root-[0-9a-f]{12}$/],
    [`/x/${'a'.repeat(200)}`, /^a{64}-[0-9a-f]{12}$/],
  ])('%j', (path, name) => expect(folderNameOf(path)).toMatch(name))
})

it('puts both folders below `sluice`', () => {
  const env = { XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c' }
  expect(stateFolderOf('/no/such/app', env)).toBe('/s/sluice/app-137050bdfc8d')
  expect(cacheFolderOf('/no/such/app', env)).toBe('/c/sluice/app-137050bdfc8d')
})
