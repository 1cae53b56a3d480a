import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { JobKeywords, VariableConfig, WorkflowConfig } from '../config.ts'
import { type Report, under } from '../report.ts'
import { DEPRECATED_GLOBALS } from './default-keywords.ts'
import { readDefaults } from './default.ts'
import { child } from './nodes.ts'
import { looksLikeJob } from './shape.ts'
import { readStages, withEdges } from './stages.ts'
import { GLOBAL_DATA, readVariables } from './variables.ts'
import { NO_WORKFLOW, readWorkflow } from './workflow.ts'

/** What the top level says beside its jobs. */
export interface GlobalKeywords {
  readonly stages: readonly string[]
  /** False: what `stages` says could not be read, and the default stands in its place. */
  readonly stagesAreRead: boolean
  readonly variables: readonly VariableConfig[]
  readonly workflow: WorkflowConfig
  readonly defaults: JobKeywords
}

/** Every top-level keyword; any other key is a job or hidden. `include` is carried out before these are read. */
export const GLOBAL_KEYWORDS: readonly string[] = [
  'include',
  'stages',
  'variables',
  'workflow',
  'default',
  ...DEPRECATED_GLOBALS,
]

export function readGlobals(root: YamlMapping, report: Report): GlobalKeywords {
  const stages = readAt('stages', readStages)
  return {
    stages: withEdges(stages),
    stagesAreRead: stages !== undefined || child(root, 'stages') === undefined,
    variables: readAt('variables', (node, at) => readVariables(node, at, GLOBAL_DATA)) ?? [],
    workflow:
      readAt('workflow', (node, at) => (looksLikeJob(node) ? undefined : readWorkflow(node, at))) ??
      NO_WORKFLOW,
    defaults: readDefaults(root, report),
  }

  function readAt<Value>(
    key: string,
    read: (node: YamlNode, at: Report) => Value | undefined,
  ): Value | undefined {
    const node = child(root, key)
    return node === undefined ? undefined : read(node, under(report, key))
  }
}
