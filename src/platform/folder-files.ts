// A folder that is read as a repository is, with one commit that nobody made. For texts that are looked at where no git is needed.
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Commit } from '../model/commit.ts'
import { ZERO_SHA } from '../model/pipeline.ts'
import type { GitRepository } from './git.ts'
import { readRegularFile } from './regular-file.ts'

/** Files that are looked at before a folder is taken to be no project. */
const MOST_FILES = 100_000

/** `root` is a real path. Ignore rules are not looked at. */
export function openFolderFiles(root: string): GitRepository {
  return {
    gitDir: root,
    resolveRef: () => Promise.resolve('not_found'),
    resolveRevision: () => Promise.resolve(undefined),
    readFile: (_sha, path) => Promise.resolve(readRegularFile(root, path)),
    commit: (sha) => Promise.resolve(sha === ZERO_SHA ? NO_COMMIT : undefined),
    refs: () => Promise.resolve([]),
    treePaths: () => Promise.resolve(filesBelow(root)),
    changedPaths: () => Promise.resolve([]),
    close: () => undefined,
  }
}

const NO_COMMIT: Commit = {
  sha: ZERO_SHA,
  parents: [],
  message: '',
  authorName: '',
  authorEmail: '',
  authoredAt: '1970-01-01T00:00:00+00:00',
  committerName: '',
  committerEmail: '',
  committedAt: '1970-01-01T00:00:00+00:00',
}

function filesBelow(root: string): string[] {
  const files: string[] = []
  const open = [root]
  for (let folder = open.pop(); folder !== undefined && files.length < MOST_FILES; folder = open.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && entry.name !== '.git') open.push(path)
      else if (entry.isFile()) files.push(relative(root, path))
    }
  }
  return files.toSorted()
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return [] // not ours to read
  }
}
