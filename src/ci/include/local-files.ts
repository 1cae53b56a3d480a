import type { FileReader } from '../load.ts'
import { type IncludePort, NO_INCLUDES, type ProjectAt } from './port.ts'

const HERE: ProjectAt = { project: '', sha: '' }

/** A port that knows the files of one repository and nothing else. */
export function localFiles(read: FileReader): IncludePort {
  return {
    ...NO_INCLUDES,
    root: HERE,
    async read(request) {
      const text = request.kind === 'local' ? await read(request.path) : undefined
      if (request.kind !== 'local' || text === undefined) {
        return { kind: 'refused', reason: request.kind === 'local' ? 'missing' : 'offline', help: null }
      }
      return { kind: 'found', file: request.path, text, identity: text, at: HERE, component: null }
    },
  }
}
