import type { YamlNode } from '../../yaml/node.ts'
import type { WorkflowConfig } from '../config.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import { notAHash, tooLong } from '../texts.ts'
import { NO_AUTO_CANCEL, readAutoCancel } from './auto-cancel.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping } from './nodes.ts'
import { readRules, WORKFLOW_RULE } from './rules.ts'
import { readText } from './scalars.ts'

export const NO_WORKFLOW: WorkflowConfig = { name: null, rules: null, autoCancel: NO_AUTO_CANCEL }

/** `workflow`: whether there is a pipeline, its name, and what cancels it. */
export function readWorkflow(node: YamlNode, report: Report): WorkflowConfig | undefined {
  if (!isMapping(node)) return configError(report, node.span, notAHash)
  checkKeys(node, ['rules', 'name', 'auto_cancel'], report)
  const rules = child(node, 'rules')
  const name = child(node, 'name')
  const autoCancel = child(node, 'auto_cancel')
  const text = readText(name, 'name', report) ?? null
  if (name !== undefined && text !== null && text.length > 255)
    entryError(report, name.span, 'name', tooLong(255))
  return {
    name: text,
    rules: rules === undefined ? null : (readRules(rules, report, WORKFLOW_RULE) ?? null),
    autoCancel:
      autoCancel === undefined
        ? NO_AUTO_CANCEL
        : (readAutoCancel(autoCancel, under(report, 'auto_cancel')) ?? NO_AUTO_CANCEL),
  }
}
