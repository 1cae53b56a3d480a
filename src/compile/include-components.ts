import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ComponentAddress, parseComponent } from '../ci/include/component.ts'
import type { ComponentFacts, Refusal } from '../ci/include/port.ts'
import { asksForNewest, newestRelease } from './component-version.ts'
import { cacheName, type ProjectSearch, projectsNamed, safePath } from './include-projects.ts'
import { folderTree, type SourceProject, type SourceTree } from './source-tree.ts'

export interface FoundComponent {
  readonly tree: SourceTree
  readonly ref: string
  readonly path: string
  readonly text: string
  readonly identity: string
  readonly facts: ComponentFacts
}

/**
 * The file of a component: `templates/<name>.yml` or `templates/<name>/template.yml` of its project at the version. The
 * host is not looked at: whoever names a project here means the copy that is here.
 */
export async function findComponent(
  text: string,
  anonymous: boolean,
  search: ProjectSearch,
): Promise<FoundComponent | Refusal> {
  const address = parseComponent(text)
  if (address === undefined) return { kind: 'refused', reason: 'missing', help: null }
  const projects = projectsNamed(address.project, anonymous, search)
  let refusal: Refusal | undefined
  for (const project of projects) {
    const found = await inProject(project, address)
    if (!('kind' in found)) return found
    refusal ??= found
  }
  return (
    (await inCache(address, search)) ??
    refusal ?? { kind: 'refused', reason: 'no_access', help: helpFor(address, search) }
  )
}

async function inProject(
  project: SourceProject,
  address: ComponentAddress,
): Promise<FoundComponent | Refusal> {
  const { version } = address
  const newest = asksForNewest(version) && project.hasHistory
  const tags = newest || project.hasHistory ? await project.tags() : []
  const release = newest ? newestRelease(version, tags) : undefined
  // A branch or tag may be called `1`, too.
  const tree = await project.at(release ?? version)
  if (tree === undefined) {
    const help = `${project.project} has ${tags.length === 0 ? 'no tags' : `the tags ${tags.slice(-5).join(', ')}`}`
    return { kind: 'refused', reason: newest ? 'no_release' : 'missing', help }
  }
  const matched = release ?? (tags.includes(version) ? version : null)
  return (
    (await templateIn(tree, address, matched)) ?? {
      kind: 'refused',
      reason: 'missing',
      help: whereItShouldBe(address),
    }
  )
}

async function inCache(
  address: ComponentAddress,
  { cache, request }: ProjectSearch,
): Promise<FoundComponent | undefined> {
  if (cache === null || request.user === null) return undefined
  const path = safePath(cachePath(address))
  const folder = path === undefined ? undefined : join(cache, path)
  if (folder === undefined || !existsSync(folder)) return undefined
  return templateIn(
    folderTree(folder, address.project),
    address,
    address.version.startsWith('~') ? null : address.version,
  )
}

async function templateIn(
  tree: SourceTree,
  { name, version }: ComponentAddress,
  matched: string | null,
): Promise<FoundComponent | undefined> {
  for (const path of [`templates/${name}.yml`, `templates/${name}/template.yml`]) {
    const file = await tree.read(path)
    if (file === undefined) continue
    const facts = { name, sha: tree.sha, version: matched, reference: version }
    return { tree, ref: matched ?? version, path, ...file, facts }
  }
  return undefined
}

function cachePath({ host, project, version }: ComponentAddress): string {
  return `components/${host}/${project}/${version}`
}

function whereItShouldBe({ name, project }: ComponentAddress): string {
  return `${project} has neither templates/${name}.yml nor templates/${name}/template.yml`
}

function helpFor(address: ComponentAddress, search: ProjectSearch): string {
  if (search.request.user === null)
    return 'a legacy trigger has no user and reaches no other project; give the trigger an owner'
  const file = `${cacheName(search)}/${cachePath(address)}/templates/${address.name}.yml`
  return `Sluice is offline and has no copy: put it at ${file}, or name a clone with \`includes: {projects: {${address.project}: PATH}}\` in runner.config.yaml`
}
