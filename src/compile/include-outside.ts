import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { FoundFile, Refusal } from '../ci/include/port.ts'
import { decodeText } from '../shared/decode-text.ts'
import { readFolderFile } from './folder-files.ts'
import { cacheName, type ProjectSearch, safePath } from './include-projects.ts'

/** `include:remote` out of the folder that stands for its host, or out of the cache. */
export async function findRemote(
  address: string,
  integrity: string | null,
  search: ProjectSearch,
): Promise<FoundFile | Refusal> {
  const url = new URL(address)
  const path = decoded(url)
  const standIn = search.sources.settings.remote.get(url.host)
  const cached = `remote/${url.host}/${path}`
  const file =
    (standIn === undefined ? undefined : await readFolderFile(standIn, path)) ??
    (search.cache === null ? undefined : await readFolderFile(search.cache, cached))
  if (file === undefined) {
    const place = `${cacheName(search)}/${cached}`
    if (standIn !== undefined) {
      return {
        kind: 'refused',
        reason: 'missing',
        help: `${url.host} is ${standIn} here, which has no ${path}`,
      }
    }
    const help = `put a copy at ${place}, or name a folder for the host with \`includes: {remote: {"${url.host}": PATH}}\` in runner.config.yaml`
    return { kind: 'refused', reason: 'offline', help }
  }
  const hash = createHash('sha256').update(file.bytes).digest('base64')
  if (integrity !== null && hash !== integrity) {
    return { kind: 'refused', reason: 'integrity', help: `the copy at hand has sha256-${hash}` }
  }
  return found(address, file)
}

/** The path below the host; what follows `?` belongs to the name. */
function decoded(url: URL): string {
  const path = url.pathname.slice(1) + url.search
  try {
    const plain = decodeURIComponent(path)
    return safePath(plain) ?? path
  } catch {
    return path
  }
}

/** `include:template` out of the folder of templates, or out of the cache. */
export async function findTemplate(name: string, search: ProjectSearch): Promise<FoundFile | Refusal> {
  const { templates } = search.sources.settings
  const folders = [templates, search.cache === null ? null : join(search.cache, 'templates')]
  for (const folder of folders) {
    const file = folder === null ? undefined : await readFolderFile(folder, name)
    if (file !== undefined) return found(`template:${name}`, file)
  }
  const place = `${cacheName(search)}/templates/${name}`
  const help = `GitLab's own templates are not part of Sluice: put a copy at ${place}, or name a folder with \`includes: {templates: PATH}\` in runner.config.yaml`
  return { kind: 'refused', reason: 'missing', help }
}

function found(
  file: string,
  { bytes, identity }: { readonly bytes: Buffer; readonly identity: string },
): FoundFile {
  return { kind: 'found', file, text: decodeText(bytes), identity, at: null, component: null }
}
