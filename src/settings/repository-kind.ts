import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../shared/result.ts'
import type { ProjectKind, RepositoryKind } from './settings.ts'

/** What lies at a project's path; the error says why nothing usable does. */
export function repositoryKind(path: string): Result<RepositoryKind, string> {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return err('does not exist')
  if (!stats.isDirectory()) return err('is not a folder')
  // A linked work tree and a submodule have a file `.git` instead of the folder.
  if (existsSync(join(path, '.git'))) return ok('work-tree')
  const isBare = ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(path, name)))
  return ok(isBare ? 'bare' : 'folder')
}

/** What lies there, as long as anything does. */
export function projectKind(path: string): ProjectKind {
  const kind = repositoryKind(path)
  return kind.ok ? kind.value : 'missing'
}
