import type { Colors } from './colors.ts'

/** GitLab's words on its pages. */
const WORDS: Readonly<Record<string, string>> = {
  created: 'Created',
  waiting_for_resource: 'Waiting',
  preparing: 'Preparing',
  waiting_for_callback: 'Waiting',
  pending: 'Pending',
  running: 'Running',
  success: 'Passed',
  failed: 'Failed',
  canceling: 'Canceling',
  canceled: 'Canceled',
  skipped: 'Skipped',
  manual: 'Manual',
  scheduled: 'Scheduled',
}

/** A status of the API as a person reads it; a failure that is allowed is a warning. */
export function statusWord(status: string, allowFailure = false): string {
  return status === 'failed' && allowFailure ? 'Warning' : (WORDS[status] ?? status)
}

/** The word in the colour that GitLab gives it. */
export function statusColor(word: string, colors: Colors): (text: string) => string {
  if (word === 'Passed') return colors.green
  if (word === 'Failed') return colors.red
  if (word === 'Running') return colors.blue
  return word === 'Warning' || word.startsWith('Cancel') ? colors.yellow : colors.dim
}
