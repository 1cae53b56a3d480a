import { createHash } from 'node:crypto'
import type { CompileRequest } from './compile.ts'

/** The file that a pipeline's configuration begins with. */
export interface RootBytes {
  /** What diagnostics call it. */
  readonly path: string
  readonly bytes: Buffer
  /** Blob id or hash. */
  readonly identity: string
}

// GitLab: ProjectConfig::ExternalProject, ProjectConfig::Remote.
const IN_PROJECT = /^(.+ya?ml)@(.+)$/
const IN_NETWORK = /^https?:\/\/\S+$/

/**
 * GitLab's order: the includes of a trigger job, the CI file of the repository, `path@group/project` (with `:ref` behind it), an
 * address. What lies elsewhere is one `include` of it. Undefined: there is no such file.
 */
export async function readRoot(request: CompileRequest): Promise<RootBytes | undefined> {
  const { repository, treeSha, configPath, childIncludes } = request
  if (childIncludes) return including(childIncludes, 'trigger:include')
  const file = await repository.readFile(treeSha, configPath)
  if (file !== undefined) return { path: configPath, bytes: file.bytes, identity: file.blobId }
  if (IN_NETWORK.test(configPath)) return including([{ remote: configPath }], configPath)
  const [, path, place] = IN_PROJECT.exec(configPath) ?? []
  if (path === undefined || place === undefined) return undefined
  const [project, ...rest] = place.split(':')
  const ref = rest.join(':')
  return including([{ project, file: path, ...(ref === '' ? {} : { ref }) }], configPath)
}

/** JSON is YAML: what was read from a file is written down again without another printer. */
function including(include: readonly unknown[], path: string): RootBytes {
  const bytes = Buffer.from(`${JSON.stringify({ include }, null, 2)}\n`)
  return { path, bytes, identity: createHash('sha256').update(bytes).digest('hex') }
}
