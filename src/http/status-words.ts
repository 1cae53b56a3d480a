import type { Status } from '../model/status.ts'

/** How GitLab shows a status: `detailed_status` of the API, the badge of a page. */
export interface StatusWords {
  readonly icon: string
  readonly text: string
  readonly label: string
  readonly group: string
  readonly favicon: string
}

const WORDS: Readonly<Record<Status, StatusWords>> = {
  created: plain('created'),
  waiting_for_resource: waiting('waiting_for_resource'),
  preparing: plain('preparing'),
  waiting_for_callback: waiting('waiting_for_callback'),
  pending: plain('pending'),
  running: plain('running'),
  success: { ...plain('success'), text: 'passed', label: 'passed' },
  failed: plain('failed'),
  canceling: { ...plain('canceled'), text: 'canceling', label: 'canceling', group: 'canceling' },
  canceled: plain('canceled'),
  skipped: plain('skipped'),
  manual: { ...plain('manual'), text: 'blocked', label: 'waiting for manual action' },
  scheduled: plain('scheduled'),
}

const WITH_WARNINGS: StatusWords = {
  ...WORDS.success,
  icon: 'status_warning',
  text: 'warning',
  label: 'passed with warnings',
  group: 'success-with-warnings',
}

/** `warnings`: an allowed job failed. GitLab calls a pipeline that only succeeded so "passed with warnings". */
export function pipelineStatusWords(status: Status, warnings: boolean): StatusWords {
  return status === 'success' && warnings ? WITH_WARNINGS : WORDS[status]
}

/** A manual job is not blocked: it is what a person may start. */
export function jobStatusWords(status: Status): StatusWords {
  return status === 'manual' ? { ...WORDS.manual, text: 'manual', label: 'manual action' } : WORDS[status]
}

function plain(status: Status): StatusWords {
  return {
    icon: `status_${status}`,
    text: status,
    label: status,
    group: status,
    favicon: `/assets/ci_favicons/favicon_status_${status}.png`,
  }
}

function waiting(status: Status): StatusWords {
  return {
    ...plain('pending'),
    text: 'waiting',
    label: status.replaceAll('_', ' '),
    group: status.replaceAll('_', '-'),
  }
}
