import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../support/git.ts'

/** Writes files into a folder, a new one unless it is given. */
export function makeFolder(
  files: Readonly<Record<string, string>>,
  folder: string = temporaryFolder(),
): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
