// Where a running daemon says that it answers, so that commands on this machine find it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { folderNameOf, stateHome } from './xdg.ts'

export interface DaemonNote {
  readonly url: string
  /** Absolute; the access token of the local user lies in it. */
  readonly stateDir: string
  /** The configuration file. */
  readonly config: string
  readonly projects: readonly NotedProject[]
  readonly configuration: NotedLook
  readonly process: ProcessIdentity
}

/** What the daemon's newest look at its configuration came to. */
export interface NotedLook {
  /** How many there were since it started. */
  readonly looks: number
  /** Whether the file holds now. */
  readonly isTaken: boolean
  /** What a person may read about it, with code frames. */
  readonly text: string
}

export interface NotedProject {
  readonly id: number
  readonly name: string
  /** Absolute. */
  readonly path: string
}

const NOTE = 'daemon.json'

/** Writes the note into the state folder, and a pointer to it where commands look that know of no state folder. */
export function writeDaemonNote(note: Omit<DaemonNote, 'process'>, env: NodeJS.ProcessEnv): void {
  const whole: DaemonNote = { ...note, process: ownIdentity() }
  const path = join(note.stateDir, NOTE)
  // Commands read it at any moment.
  writeFileSync(`${path}~`, `${JSON.stringify(whole)}\n`, { mode: 0o600 })
  renameSync(`${path}~`, path)
  const pointers = pointersFolder(env)
  mkdirSync(pointers, { recursive: true, mode: 0o700 })
  writeFileSync(pointerOf(pointers, note.stateDir), `${note.stateDir}\n`, { mode: 0o600 })
}

/** Takes both away, at the end. */
export function removeDaemonNote(stateDir: string, env: NodeJS.ProcessEnv): void {
  rmSync(join(stateDir, NOTE), { force: true })
  rmSync(pointerOf(pointersFolder(env), stateDir), { force: true })
}

/** The daemon of a state folder; undefined when none runs. */
export function daemonOf(stateDir: string): DaemonNote | undefined {
  const note = readNote(stateDir)
  return note && isAlive(note.process) ? note : undefined
}

/** All daemons of this user that run now. */
export function runningDaemons(env: NodeJS.ProcessEnv): DaemonNote[] {
  const folder = pointersFolder(env)
  return list(folder).flatMap((name) => {
    const stateDir = read(join(folder, name))?.trim()
    return (stateDir === undefined ? undefined : daemonOf(stateDir)) ?? []
  })
}

function pointersFolder(env: NodeJS.ProcessEnv): string {
  return join(stateHome(env), 'sluice', 'daemons')
}

function pointerOf(folder: string, stateDir: string): string {
  return join(folder, folderNameOf(stateDir))
}

function readNote(stateDir: string): DaemonNote | undefined {
  const text = read(join(stateDir, NOTE))
  try {
    return text === undefined ? undefined : (JSON.parse(text) as DaemonNote)
  } catch {
    return undefined
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
