import type { Colors } from '../colors.ts'
import type { CommandContext } from '../context.ts'
import { SCHEMA } from '../run-record.ts'
import { terminalText } from '../terminal-text.ts'
import { counted } from '../words.ts'
import { KEYS } from './keys.ts'

/** Why jobs are run. */
export type Reason = 'save' | 'all' | 'failed' | 'picked' | 'again'

export interface Change {
  readonly reason: Reason
  /** Paths that differ from the last look; empty for a key. */
  readonly files: readonly string[]
  readonly jobs: readonly string[]
  /** What touched each job: `script`, `rules:changes`, `CI file`, `restarted`; the others need a touched one. */
  readonly because: ReadonlyMap<string, string>
}

/** What a watch says beside what its runs say. */
export interface WatchReport {
  /** `jobs`: how many there are; 0 also while the CI file is wrong. */
  ready(jobs: number): void
  changed(change: Change): void
  /** After a run, and whenever nothing is left to do. */
  waiting(failing: readonly string[]): void
  /** An answer to a key. */
  say(text: string): void
}

const MOST_NAMES = 6

export function textReport({ err }: Pick<CommandContext, 'err'>, colors: Colors): WatchReport {
  const line = (text: string): void => err(`${terminalText(text, false)}\n`)
  return {
    ready: (jobs) =>
      err(colors.dim(`watching for saves${jobs === 0 ? '' : ` · ${counted(jobs, 'job')}`}\n${KEYS}\n`)),
    changed({ reason, files, jobs, because }) {
      const what = reason === 'save' ? `saved ${names(files.map(inOneLine))}` : reason
      const run = jobs.map((job) => {
        const why = because.get(job) ?? (reason === 'save' ? 'needs' : undefined)
        return why === undefined ? job : `${job} (${why})`
      })
      const untouched = 'touches no job; a + enter runs all, sluice watch JOB runs one that names no file'
      line(`${what}: ${jobs.length === 0 ? untouched : names(run)}`)
    },
    waiting: (failing) =>
      err(
        failing.length === 0
          ? colors.dim('waiting for saves\n')
          : `${colors.red(`${failing.length} failing: ${names(failing)}`)}${colors.dim(' · waiting for saves')}\n`,
      ),
    say: line,
  }
}

export function jsonReport({ out, err }: Pick<CommandContext, 'out' | 'err'>): WatchReport {
  const say = (record: Readonly<Record<string, unknown>>): void => out(`${JSON.stringify(record)}\n`)
  return {
    ready: (jobs) => say({ type: 'watch.ready', schema: SCHEMA, jobs }),
    changed: ({ reason, files, jobs, because }) =>
      say({
        type: 'watch.changed',
        schema: SCHEMA,
        reason,
        files,
        jobs: jobs.map((name) => ({
          name,
          because: because.get(name) ?? (reason === 'save' ? 'needs' : reason),
        })),
      }),
    waiting: (failing) => say({ type: 'watch.waiting', schema: SCHEMA, failing }),
    say: (text) => err(`${text}\n`),
  }
}

/** A name may hold line ends and what steers a terminal: those are written as JSON writes them. */
function inOneLine(path: string): string {
  const quoted = JSON.stringify(path)
  return /[\u0000-\u001f\u007f-\u009f]/.test(path) ? quoted : path
}

function names(list: readonly string[]): string {
  const rest = list.length - MOST_NAMES
  return `${list.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
