import type { YamlMapping } from '../../yaml/node.ts'
import type { Config } from '../config.ts'
import type { Reading } from '../report.ts'
import { readJobs, type ReadJobs } from './jobs.ts'
import { readGlobals, type GlobalKeywords } from './root.ts'

export type Entries = Pick<Config, 'stages' | 'variables' | 'workflow'> &
  ReadJobs &
  Pick<GlobalKeywords, 'stagesAreRead'>

/** Reads everything that stands at the top level of a document whose `extends` and references are resolved. */
export function readEntries(document: YamlMapping, reading: Reading): Entries {
  const report = { reading, path: '' }
  const globals = readGlobals(document, report)
  const { stages, stagesAreRead, variables, workflow } = globals
  return { stages, stagesAreRead, variables, workflow, ...readJobs(document, globals, report) }
}
