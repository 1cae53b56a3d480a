import type { StatusWords } from '../status-words.ts'

/** Never colour alone: a mark and the word. */
const MARKS: Readonly<Record<string, string>> = {
  success: '✔',
  'success-with-warnings': '!',
  failed: '✖',
  running: '●',
  pending: '○',
  preparing: '○',
  'waiting-for-resource': '○',
  'waiting-for-callback': '○',
  created: '○',
  canceling: '⊘',
  canceled: '⊘',
  skipped: '»',
  manual: '▷',
  scheduled: '◷',
}

export function StatusBadge({ words }: { readonly words: StatusWords }) {
  return (
    <span class={`badge ${words.group}`}>
      <span aria-hidden="true">{MARKS[words.group] ?? '○'}</span> {words.label}
    </span>
  )
}
