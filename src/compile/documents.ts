import type { IncludePort } from '../ci/include/port.ts'
import { readComposed, type LoadedDocument } from '../ci/load.ts'
import type { CompileRequest } from './compile.ts'
import { composeDocument, type Watch } from './compose-document.ts'
import { openTask } from './open-task.ts'
import type { PlanTask } from './plan-document.ts'

/** The CI file of a request with the documents it is made from; undefined when there is no such file. */
export async function readDocuments(request: CompileRequest): Promise<LoadedDocument | undefined> {
  const opened = await openTask(request)
  if (opened === undefined) return undefined
  try {
    return await loadDocuments(opened.task, opened.port)
  } finally {
    opened.close()
  }
}

/** The same, for who has opened it already. */
export async function loadDocuments(
  task: PlanTask,
  port: IncludePort,
  watch?: Watch,
): Promise<LoadedDocument> {
  return readComposed(await composeDocument(task, port, watch))
}
