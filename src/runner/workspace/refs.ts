import { lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readText } from '../../platform/bare-repository.ts'
import type { HostRepository } from '../executors/executor.ts'

/** The branches and tags that a job's repository begins with, as the lines of a `packed-refs` file. */
export interface JobRefs {
  /** Changes when a branch or tag does. Cheap to compare. */
  read(ref: { readonly name: string; readonly tag: boolean; readonly sha: string }): string
}

/**
 * What a fetch of `+refs/heads/*:refs/remotes/origin/*` with tags would bring, without running one: `git describe` and
 * `origin/main` work in a job. A mirror that borrows has no refs of its own; those of its lender count. What is read is kept
 * until a folder of refs or the packed file changes.
 */
export function jobRefs(repository: HostRepository): JobRefs {
  let seen:
    | {
        readonly mark: string
        readonly refs: ReadonlyMap<string, string>
        readonly texts: Map<string, string>
      }
    | undefined
  const places = [repository.gitDir, ...repository.objects.slice(1).map((folder) => dirname(folder))]
  return {
    read({ name, tag, sha }) {
      const mark = places.map(stateOf).join('|')
      if (seen?.mark !== mark) seen = { mark, refs: firstWithRefs(places), texts: new Map() }
      const own = tag ? `refs/tags/${name}` : `refs/remotes/origin/${name}`
      const key = `${own} ${sha}`
      const text = seen.texts.get(key) ?? textOf(seen.refs, own, sha)
      seen.texts.set(key, text)
      return text
    },
  }
}

function textOf(refs: ReadonlyMap<string, string>, own: string, sha: string): string {
  const all = refs.has(own) ? refs : new Map([...refs, [own, sha]])
  return [...all].map(([ref, target]) => `${target} ${ref}\n`).join('')
}

const KINDS = ['heads', 'tags']

/** git replaces files by renaming, so a folder's time tells of every change in it. */
function stateOf(gitDir: string): string {
  const packed = timeOf(join(gitDir, 'packed-refs'))
  return [packed, ...KINDS.flatMap((kind) => foldersBelow(join(gitDir, 'refs', kind)).map(timeOf))].join(' ')
}

function timeOf(path: string): string {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  return entry ? `${entry.ino}:${entry.mtimeMs}:${entry.size}` : '-'
}

function foldersBelow(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [folder, ...children.flatMap((entry) => foldersBelow(join(folder, entry.name)))]
}

function firstWithRefs(places: readonly string[]): ReadonlyMap<string, string> {
  for (const place of places) {
    const refs = readRefs(place)
    if (refs.size > 0) return refs
  }
  return new Map()
}

function readRefs(gitDir: string): Map<string, string> {
  const refs = new Map<string, string>()
  for (const line of (readText(join(gitDir, 'packed-refs')) ?? '').split('\n')) {
    const [, sha, ref] = /^([0-9a-f]{40,64}) (refs\/(?:heads|tags)\/.+)$/.exec(line) ?? []
    if (sha !== undefined && ref !== undefined) refs.set(nameInJob(ref), sha)
  }
  for (const kind of KINDS)
    for (const [ref, sha] of looseRefs(join(gitDir, 'refs', kind), `refs/${kind}`))
      refs.set(nameInJob(ref), sha)
  return refs
}

function looseRefs(folder: string, prefix: string): [string, string][] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = join(folder, entry.name)
    const ref = `${prefix}/${entry.name}`
    if (entry.isDirectory()) return looseRefs(path, ref)
    const sha = readText(path)?.trim() ?? ''
    return /^[0-9a-f]{40,64}$/.test(sha) ? [[ref, sha]] : []
  })
}

function nameInJob(ref: string): string {
  return ref.replace(/^refs\/heads\//, 'refs/remotes/origin/')
}
