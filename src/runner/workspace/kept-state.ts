import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobRepository } from './job-repository.ts'
import type { TreeState } from './tree-state.ts'

/** What a process knew of a slot that it left clean. */
export interface KeptState {
  /** The mirror that the files came from. */
  readonly repository: string
  readonly project: string
  /** Of the process: the permissions of the files come from it. */
  readonly umask: number
  readonly sha: string
  readonly tree: TreeState
  readonly job: JobRepository
  readonly git: TreeState | undefined
}

interface Written extends Omit<KeptState, 'tree' | 'git'> {
  readonly format: typeof FORMAT
  readonly tree: readonly (readonly [string, string])[]
  readonly git: readonly (readonly [string, string])[] | null
}

const FILE = 'state.json'
/** Whoever writes other contents counts on. */
const FORMAT = 1
/** Bytes; beyond it reading would cost more than asking git. */
const MOST = 512 * 1024

/** Leaves it for the next process, beside the workspace and out of its jobs' reach. Never throws. */
export function keepState(slot: string, { tree, git, ...state }: KeptState): void {
  const written: Written = { ...state, format: FORMAT, tree: [...tree], git: git ? [...git] : null }
  const text = JSON.stringify(written)
  if (text.length > MOST) return
  try {
    writeFileSync(join(slot, FILE), text, { mode: 0o600 })
  } catch {
    // A full disk, a folder that is gone: the next process asks git.
  }
}

/** Takes it: what is killed from now on leaves nothing that is believed. Undefined when there is none. */
export function takeState(slot: string): KeptState | undefined {
  const path = join(slot, FILE)
  try {
    const text = readFileSync(path, 'utf8')
    rmSync(path)
    const written: unknown = JSON.parse(text)
    if (!isWritten(written)) return undefined
    const { format: _, tree, git, ...state } = written
    return { ...state, tree: new Map(tree), git: git ? new Map(git) : undefined }
  } catch {
    return undefined
  }
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT
}
