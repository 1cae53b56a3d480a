import type { YamlNode } from '../../yaml/node.ts'
import type { AutoCancelConfig } from '../config.ts'
import { configError, type Report } from '../report.ts'
import { notAHash } from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping } from './nodes.ts'
import { readWord } from './scalars.ts'

export const NO_AUTO_CANCEL: AutoCancelConfig = { onNewCommit: null, onJobFailure: null }

/** `auto_cancel` of a workflow or of one of its rules. */
export function readAutoCancel(node: YamlNode, report: Report): AutoCancelConfig | undefined {
  if (!isMapping(node)) return configError(report, node.span, notAHash)
  checkKeys(node, ['on_new_commit', 'on_job_failure'], report)
  return {
    onNewCommit:
      readWord(
        child(node, 'on_new_commit'),
        'on_new_commit',
        ['conservative', 'interruptible', 'none'],
        report,
      ) ?? null,
    onJobFailure: readWord(child(node, 'on_job_failure'), 'on_job_failure', ['none', 'all'], report) ?? null,
  }
}
