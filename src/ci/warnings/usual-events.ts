import type { PipelineSource } from '../../model/source.ts'
import { variable } from '../../model/variable.ts'
import { slugify } from '../../shared/slug.ts'
import type { PlanFacts } from '../plan.ts'

export interface UsualEvent {
  /** For a sentence: `a push to the default branch`. */
  readonly name: string
  readonly facts: PlanFacts
}

const DEFAULT_BRANCH = 'main'
const PROJECT = 'group/project'

const EVENTS: readonly (readonly [name: string, source: PipelineSource, ref: string, tag: boolean])[] = [
  ['a push to the default branch', 'push', DEFAULT_BRANCH, false],
  ['a push to another branch', 'push', 'feature/x', false],
  ['a tag', 'push', 'v1.0.0', true],
  ['a merge request', 'merge_request_event', 'feature/x', false],
  ['a schedule', 'schedule', DEFAULT_BRANCH, false],
  ['a trigger', 'trigger', DEFAULT_BRANCH, false],
  ['the web page', 'web', DEFAULT_BRANCH, false],
]

/** What starts most pipelines, each twice: with every `changes` true and with none. No file exists. */
export function usualEvents(): UsualEvent[] {
  return EVENTS.flatMap(([name, source, ref, tag]) =>
    [null, []].map((changedPaths) => ({
      name,
      facts: {
        source,
        ref,
        tag,
        projectFullPath: PROJECT,
        predefined: predefinedFor(source, ref, tag),
        above: [],
        changedPaths,
        treePaths: [],
      },
    })),
  )
}

function predefinedFor(source: PipelineSource, ref: string, tag: boolean) {
  const isMergeRequest = source === 'merge_request_event'
  const refKind = isMergeRequest ? MERGE_REQUEST : tag ? { CI_COMMIT_TAG: ref } : { CI_COMMIT_BRANCH: ref }
  return Object.entries({
    CI: 'true',
    GITLAB_CI: 'true',
    CI_PIPELINE_SOURCE: source,
    CI_DEFAULT_BRANCH: DEFAULT_BRANCH,
    CI_PROJECT_PATH: PROJECT,
    CI_PROJECT_NAMESPACE: 'group',
    CI_PROJECT_NAME: 'project',
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_REF_SLUG: slugify(ref),
    CI_COMMIT_REF_PROTECTED: String(ref === DEFAULT_BRANCH),
    CI_COMMIT_MESSAGE: 'Change something\n',
    CI_COMMIT_TITLE: 'Change something',
    ...refKind,
    ...(source === 'trigger' ? { CI_PIPELINE_TRIGGERED: 'true' } : {}),
  }).map(([key, value]) => variable(key, value, 'predefined'))
}

const MERGE_REQUEST = {
  CI_MERGE_REQUEST_ID: '1',
  CI_MERGE_REQUEST_IID: '1',
  CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature/x',
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: DEFAULT_BRANCH,
}
