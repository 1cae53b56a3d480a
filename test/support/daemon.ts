// One daemon for all tests of a file: the built program on a repository of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { makeRepository, temporaryFolder, type Files } from './git.ts'
import { makeHome, sluice, type Finished, type Home, type SluiceOptions } from './sluice.ts'

const PROGRAM = join(import.meta.dirname, '../../dist/main.js')

/** A trigger token that the configuration declares. */
export const TRIGGER_TOKEN = 'glptt-1234567890abcdef'

export interface FileDaemon {
  readonly home: Home
  /** The served repository, `group/app`, project 9. */
  readonly project: string
  readonly config: string
  readonly state: string
  readonly url: () => string
  /** What the daemon has written so far. */
  output(): string
  /** Resolves when its output has this. */
  says(pattern: RegExp): Promise<void>
  /** Runs a command in the served repository. */
  run(...args: string[]): Promise<Finished>
  runWith(options: SluiceOptions, ...args: string[]): Promise<Finished>
  /** Runs a command with `--json`, and gives what it printed. */
  json(...args: string[]): Promise<Record<string, unknown>>
}

/** Starts it before the first test of the file and ends it after the last one. */
export function daemonForFile(files: Files, more = ''): FileDaemon {
  const home = makeHome()
  const folder = temporaryFolder()
  const project = join(folder, 'app')
  const [config, state] = [join(folder, 'runner.config.yaml'), join(folder, 'state')]
  let child: ChildProcess | undefined
  let output = ''
  const listeners = new Set<() => void>()

  function says(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!pattern.test(output)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
    })
  }

  beforeAll(async () => {
    makeRepository({ folder: project, files })
    writeFileSync(
      config,
      `state: state\nprojects:\n  - id: 9\n    name: group/app\n    path: app\n    default_branch: main\n    watch: off\n` +
        `    triggers:\n      - { description: release bot, token: ${TRIGGER_TOKEN}, owner: root }\n${more}`,
    )
    child = spawn(
      process.execPath,
      [PROGRAM, 'serve', '--config', config, '--listen', '127.0.0.1:0', '--executor', 'shell'],
      { cwd: home.folder, env: { ...home.env }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        for (const listener of listeners) listener()
      })
    await says(/Token {4}/)
  }, 30_000)

  afterAll(async () => {
    if (!child || child.exitCode !== null) return
    const ended = new Promise((resolve) => child?.once('close', resolve))
    child.kill('SIGKILL')
    await ended
  })

  const run = (...args: string[]): Promise<Finished> => sluice(home, args, { cwd: project })
  return {
    home,
    project,
    config,
    state,
    url: () => /(http:\/\/127\.0\.0\.1:\d+)\/\n/.exec(output)?.[1] ?? '',
    output: () => output,
    says,
    run,
    runWith: (options, ...args) => sluice(home, args, { cwd: project, ...options }),
    async json(...args) {
      const { stdout, stderr } = await run(...args, '--json')
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout)
    },
  }
}
