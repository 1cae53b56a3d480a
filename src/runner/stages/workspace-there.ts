import { lstatSync } from 'node:fs'
import type { Build } from './build.ts'

/**
 * Why no stage can work in the project folder any more, in bash's words, as each of gitlab-runner's stages begins with going
 * there; null: it is there. What a job has put in its place counts as gone: a link may lead anywhere.
 */
export function workspaceGone({ workspace, environment }: Build): string | null {
  const stat = lstatSync(workspace.slot.project, { throwIfNoEntry: false })
  if (stat?.isDirectory()) return null
  return `bash: cd: ${environment.projectDir}: ${stat ? 'Not a directory' : 'No such file or directory'}`
}
