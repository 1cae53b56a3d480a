import { compose, type Composition, type ComposeFailure } from '../ci/include/compose.ts'
import type { IncludePort } from '../ci/include/port.ts'
import { DEFAULT_LANGUAGE_LIMITS } from '../model/language-limits.ts'
import type { Result } from '../shared/result.ts'
import { DEFAULT_YAML_LIMITS } from '../yaml/limits.ts'
import { documentCache } from './document-cache.ts'
import { givenInputs } from './given-inputs.ts'
import type { YamlMapping } from '../yaml/node.ts'
import type { PlanTask } from './plan-document.ts'

/** Told of a document before it is read further; what it throws ends the work. */
export type Watch = (document: YamlMapping) => void

/** A task's file with everything it includes, within the task's limits. */
export async function composeDocument(
  { root, inputs, limits = DEFAULT_LANGUAGE_LIMITS }: Pick<PlanTask, 'root' | 'inputs' | 'limits'>,
  port: IncludePort,
  watch?: Watch,
): Promise<Result<Composition, ComposeFailure>> {
  const composed = await compose(root, {
    port,
    inputs: givenInputs(inputs, root.path),
    documents: documentCache,
    limits: { files: limits.includes, bytes: limits.totalYamlBytes },
    yaml: { ...DEFAULT_YAML_LIMITS, bytes: limits.yamlBytes, depth: limits.yamlDepth },
  })
  if (composed.ok) watch?.(composed.value.document)
  return composed
}
