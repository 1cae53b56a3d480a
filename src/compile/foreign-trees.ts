import type { IncludePort } from '../ci/include/port.ts'
import {
  foreignKey,
  type ForeignProject,
  type ForeignTree,
  type ForeignTrees,
} from '../ci/plan/foreign-trees.ts'

/** For `exists:project`: the files of other projects, found where `include:project` finds them and with the same access. */
export async function foreignTrees(
  projects: readonly ForeignProject[],
  port: IncludePort,
): Promise<ForeignTrees> {
  const trees = new Map<string, ForeignTree>()
  for (const wanted of projects) trees.set(foreignKey(wanted), await foreignTree(wanted, port))
  return trees
}

async function foreignTree({ project, ref }: ForeignProject, port: IncludePort): Promise<ForeignTree> {
  const found = await port.project(project, ref, port.anonymous)
  if ('kind' in found) return { kind: found.reason === 'no_ref' ? 'no_ref' : 'no_project', help: found.help }
  return { kind: 'files', paths: await port.paths(found) }
}
