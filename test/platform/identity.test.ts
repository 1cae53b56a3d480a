import { writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { readIdentity } from '../../src/platform/identity.ts'
import { makeRepository, temporaryFolder } from '../support/git.ts'

afterEach(() => void vi.unstubAllEnvs())

function homeWith(config: string): void {
  const home = temporaryFolder()
  writeFileSync(join(home, '.gitconfig'), config)
  vi.stubEnv('HOME', home)
  vi.stubEnv('XDG_CONFIG_HOME', home)
}

const login = userInfo().username

it.each([
  ['[user]\n\tname = Ada\n\temail = ada@example.com\n', { name: 'Ada', email: 'ada@example.com' }],
  [
    '[user]\n\tname = First\n[user]\n\tname = "Second\\nLine = ü"\n',
    { name: 'Second\nLine = ü', email: `${login}@${hostname()}` },
  ],
  ['[user]\n\tname =\n\tsigningkey = x\n', { name: login, email: `${login}@${hostname()}` }],
  ['', { name: login, email: `${login}@${hostname()}` }],
  ['[user\n', { name: login, email: `${login}@${hostname()}` }],
])('from the configuration %j', async (config, identity) => {
  homeWith(config)
  expect(await readIdentity(temporaryFolder())).toEqual(identity)
})

it('prefers what the repository says', async () => {
  homeWith('[user]\n\tname = Ada\n\temail = ada@example.com\n')
  const { root, git } = makeRepository()
  git('config', 'user.email', 'ada@work.example')
  expect(await readIdentity(root)).toEqual({ name: 'Ada', email: 'ada@work.example' })
})

it('knows the login name when git is not installed', async () => {
  vi.stubEnv('PATH', temporaryFolder())
  expect((await readIdentity('/')).name).toBe(login)
})
