import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { findDaemon } from '../../../src/cli/daemon/find-daemon.ts'
import { removeDaemonNote, writeDaemonNote } from '../../../src/platform/daemon-note.ts'
import { temporaryFolder } from '../../support/git.ts'

let folder = ''
let env: NodeJS.ProcessEnv = {}
beforeEach(() => {
  folder = temporaryFolder()
  env = { XDG_STATE_HOME: join(folder, 'home') }
})

function runs(name: string, url: string, paths: string[] = []): string {
  const stateDir = join(folder, name)
  mkdirSync(stateDir, { recursive: true })
  writeFileSync(join(stateDir, 'access-token'), `glpat-${name}\n`)
  const projects = paths.map((path, index) => ({ id: index + 1, name: `g/${index}`, path }))
  const configuration = { looks: 0, isTaken: true, text: '' }
  writeDaemonNote({ url, stateDir, config: join(folder, `${name}.yaml`), projects, configuration }, env)
  return stateDir
}

const found = (flags: Parameters<typeof findDaemon>[0] = {}): unknown => {
  const result = findDaemon({ cwd: folder, ...flags }, { env })
  return result.ok ? result.value : result.error.problems.map(({ message }) => message).join('\n')
}

describe('the daemon of a command', () => {
  it('is the one that runs', () => {
    runs('one', 'http://127.0.0.1:1')
    expect(found()).toEqual({ url: 'http://127.0.0.1:1', token: 'glpat-one', projects: [] })
  })

  it('is none when none runs', () => {
    const stateDir = runs('one', 'http://127.0.0.1:1')
    removeDaemonNote(stateDir, env)
    expect(found()).toBe('no daemon runs here')
  })

  it('is none when it was killed', () => {
    const stateDir = runs('one', 'http://127.0.0.1:1')
    writeFileSync(
      join(stateDir, 'daemon.json'),
      JSON.stringify({
        url: 'x',
        stateDir,
        config: '',
        projects: [],
        process: { pid: process.pid, pidStart: '1', bootId: '' },
      }),
    )
    expect(found()).toBe('no daemon runs here')
  })

  it('is, of several, the one that serves this folder', () => {
    runs('one', 'http://127.0.0.1:1', ['/elsewhere'])
    runs('two', 'http://127.0.0.1:2', [folder])
    expect(found({ cwd: join(folder, 'below') })).toMatchObject({ url: 'http://127.0.0.1:2' })
    expect(found({ cwd: '/' })).toMatch(/^several daemons run: http:\/\/127\.0\.0\.1:[12] /)
  })

  it('is that of the state folder or configuration that is named', () => {
    const stateDir = runs('one', 'http://127.0.0.1:1')
    runs('two', 'http://127.0.0.1:2')
    writeFileSync(join(folder, 'two.yaml'), 'state: two\n')
    expect(found({ state: stateDir })).toMatchObject({ url: 'http://127.0.0.1:1' })
    expect(found({ config: join(folder, 'two.yaml') })).toMatchObject({ url: 'http://127.0.0.1:2' })
    writeFileSync(join(folder, 'runner.config.yaml'), 'state: one\n')
    expect(found()).toMatchObject({ url: 'http://127.0.0.1:1' })
  })

  it('is the one of the environment, with its token', () => {
    runs('one', 'http://127.0.0.1:1')
    Object.assign(env, { SLUICE_URL: 'https://ci.example.test/', SLUICE_TOKEN: 'glpat-given' })
    expect(found()).toEqual({ url: 'https://ci.example.test', token: 'glpat-given', projects: [] })
    delete env['SLUICE_TOKEN']
    expect(found()).toBe('there is no token for https://ci.example.test')
    env['SLUICE_URL'] = 'http://127.0.0.1:1'
    expect(found()).toMatchObject({ token: 'glpat-one' })
    env['SLUICE_URL'] = 'nonsense'
    expect(found()).toBe('"nonsense" is not an http or https address')
  })
})
