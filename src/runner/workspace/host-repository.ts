import { isAbsolute, join, resolve } from 'node:path'
import { readText } from '../../platform/bare-repository.ts'
import type { HostRepository } from '../executors/executor.ts'

/** git follows no more than five. */
const DEEPEST = 5

/** A mirror and every object folder that it borrows from, directly or through another: `objects/info/alternates`. */
export function openHostRepository(gitDir: string): HostRepository {
  const objects: string[] = []
  const follow = (folder: string, depth: number): void => {
    if (objects.includes(folder) || depth > DEEPEST) return
    objects.push(folder)
    const list = readText(join(folder, 'info/alternates')) ?? ''
    for (const line of list.split('\n')) {
      if (line === '' || line.startsWith('#')) continue
      const lender = unquotePath(line)
      follow(isAbsolute(lender) ? lender : resolve(folder, lender), depth + 1)
    }
  }
  follow(join(gitDir, 'objects'), 0)
  return { gitDir, objects }
}

/** Names that begin with a quotation mark are written as in C. */
function unquotePath(line: string): string {
  if (!line.startsWith('"')) return line
  return line.slice(1, -1).replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
}
