import type { Reason } from './report.ts'

/** What a line on the standard input asks for. */
export type Key =
  | { readonly kind: 'run'; readonly reason: Exclude<Reason, 'save'>; readonly jobs: readonly string[] }
  /** The next line names a job. */
  | { readonly kind: 'pick'; readonly text: string }
  | { readonly kind: 'quit' }
  | { readonly kind: 'say'; readonly text: string }

export const KEYS = 'a all · f failed · p pick a job · enter again · q quit  (each with enter)'

/** A letter and enter, as Vite has them; after `p` the number or the name of a job. */
export function readKey(line: string, picking: boolean, jobs: readonly string[]): Key {
  const text = line.trim()
  if (picking) return pickedJob(text, jobs)
  switch (text) {
    case 'a':
      return { kind: 'run', reason: 'all', jobs: [] }
    case 'f':
      return { kind: 'run', reason: 'failed', jobs: [] }
    case '':
      return { kind: 'run', reason: 'again', jobs: [] }
    case 'p':
      return jobs.length === 0
        ? { kind: 'say', text: 'there is no job to pick' }
        : {
            kind: 'pick',
            text: `${jobs.map((job, at) => `${at + 1}  ${job}`).join('\n')}\nnumber or name, and enter:`,
          }
    case 'q':
      return { kind: 'quit' }
    default:
      return { kind: 'say', text: KEYS }
  }
}

function pickedJob(text: string, jobs: readonly string[]): Key {
  if (text === '') return { kind: 'say', text: 'nothing picked' }
  const job = jobs.find((name) => name === text) ?? (/^\d+$/.test(text) ? jobs[Number(text) - 1] : undefined)
  if (job === undefined) return { kind: 'say', text: `there is no job ${text}` }
  return { kind: 'run', reason: 'picked', jobs: [job] }
}
