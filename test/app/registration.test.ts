import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { register, type Registration } from '../../src/app/registration.ts'
import type { ServedProject } from '../../src/app/served-project.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/git.ts'

let store: Store
beforeEach(() => {
  store = openStore(temporaryFolder(), { powerSafe: false })
  onTestFinished(() => store.close())
})

const served: ServedProject = {
  project: {
    id: 9,
    name: 'group/app',
    path: '/srv/app',
    repository: '/srv/app/.git',
    defaultBranch: 'main',
    variables: [],
    configPath: '.gitlab-ci.yml',
  },
  objects: { kind: 'ours' },
  members: new Map([['ada', 'developer']]),
  triggers: [
    { description: 'release bot', token: 'glptt-aaaa1111', owner: 'ada' },
    { description: 'old', token: 'glptt-bbbb2222', owner: null },
  ],
  refresh: () => Promise.resolve(),
}

function registration(kind: Registration['kind'], more: Partial<Registration> = {}): Registration {
  return {
    kind,
    now: 1000,
    localUser: { name: 'Grace', email: 'grace@example.com' },
    users: [
      { username: 'ada', name: 'Ada', email: 'ada@example.com' },
      { username: 'bob', name: 'Bob', email: 'bob@example.com' },
    ],
    projects: [served],
    ...more,
  }
}

describe('writing down who works on a state folder', () => {
  it('makes the person at this machine user 1 and owner of every project', () => {
    register(store, registration('serve'))
    expect(store.users.find(1)).toEqual({
      id: 1,
      username: 'root',
      name: 'Grace',
      email: 'grace@example.com',
    })
    expect(store.users.roleIn(9, 1)).toBe('owner')
  })

  it('gives others the roles they have, and none where they have none', () => {
    register(store, registration('serve'))
    expect(store.users.roleIn(9, store.users.findByName('ada')?.id ?? 0)).toBe('developer')
    expect(store.users.roleIn(9, store.users.findByName('bob')?.id ?? 0)).toBeUndefined()
  })

  it('declares triggers once, with their owner, or as legacy', () => {
    register(store, registration('run'))
    register(store, registration('run'))
    expect(store.triggers.findByToken('glptt-aaaa1111')).toMatchObject({
      id: 1,
      projectId: 9,
      ownerId: store.users.findByName('ada')?.id,
      shortToken: 'aaaa',
    })
    expect(store.triggers.findByToken('glptt-bbbb2222')).toMatchObject({ id: 2, ownerId: null })
  })

  it('lets a configured root have another name', () => {
    register(
      store,
      registration('serve', { users: [{ username: 'root', name: 'Admin', email: 'admin@example.com' }] }),
    )
    expect(store.users.find(1)).toMatchObject({ name: 'Admin', email: 'admin@example.com' })
  })

  it('refuses a second daemon while the first lives, and names it', () => {
    expect(register(store, registration('serve')).ok).toBe(true)
    expect(register(store, registration('serve'))).toEqual({ ok: false, error: { pid: process.pid } })
  })

  it('lets runs work beside a daemon and beside each other', () => {
    expect(register(store, registration('serve')).ok).toBe(true)
    expect(register(store, registration('run')).ok).toBe(true)
    expect(register(store, registration('run')).ok).toBe(true)
  })

  it('is not stopped by a daemon that was killed, even when its pid is in use again', () => {
    store.processes.add({ kind: 'serve', pid: process.pid, pidStart: '1', bootId: 'another boot' }, 1)
    expect(register(store, registration('serve')).ok).toBe(true)
  })
})
