import { compose } from '../ci/include/compose.ts'
import { readComposition, type LoadedDocument } from '../ci/load.ts'
import { includeVariables, type CompileRequest } from './compile.ts'
import { documentCache } from './document-cache.ts'
import { givenInputs } from './given-inputs.ts'
import { openIncludes } from './include-reader.ts'

/** The CI file of a request with the documents it is made from; undefined when there is no such file. */
export async function readDocuments(request: CompileRequest): Promise<LoadedDocument | undefined> {
  const { repository, treeSha, configPath } = request
  const file = await repository.readFile(treeSha, configPath)
  if (file === undefined) return undefined
  const root = { path: configPath, text: file.bytes.toString('utf8'), identity: file.blobId }
  const variables = async () => includeVariables(request, await repository.commit(request.sha))
  const reader = openIncludes(request, variables)
  try {
    const inputs = givenInputs(request.inputs, configPath)
    const composed = await compose(root, { port: reader.port, inputs, documents: documentCache })
    if (composed.ok) return readComposition(composed.value)
    return { loaded: composed, written: null, resolved: null, includes: [] }
  } finally {
    reader.close()
  }
}
