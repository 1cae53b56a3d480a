import type { IncludePort } from '../ci/include/port.ts'
import { diagnosticAt } from '../ci/report.ts'
import { compileTooLarge, compileTooSlow, compileUndefined, type Finding } from '../ci/texts.ts'
import type { LanguageLimits } from '../model/language-limits.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { compileWith } from './compile.ts'
import type { Compiler } from './compiler.ts'
import type { Watch } from './compose-document.ts'
import { lintDocument, lintWith, refusedLint } from './lint.ts'
import { planDocument, type DocumentOutcome, type PlanTask } from './plan-document.ts'
import { roughJobCount } from './weigh-jobs.ts'
import type { Result } from './thread/messages.ts'
import { openThread, type ThreadFailure, type ThreadLimits } from './thread/thread.ts'

/** Bytes of a document, with all it includes, from which on the way to a thread is worth while. */
const SMALL_DOCUMENT = 64 * 1024

/** Jobs, about as many as such a document has: `parallel` makes hundreds out of a line. */
const SMALL_PIPELINE = 500

export interface ThreadOptions {
  /** The thread's file. */
  readonly entry: string | URL
  readonly thread: ThreadLimits
  readonly language: LanguageLimits
}

/**
 * Small documents here, larger ones in a thread of their own with a limit of time and memory. Beyond a limit the
 * configuration is wrong, with what GitLab says of one that is too large or takes too long.
 */
export function threadCompiler({ entry, thread: allowed, language }: ThreadOptions): Compiler {
  const thread = openThread(entry, allowed)
  return {
    compile: (request) =>
      compileWith(request, async (given, port): Promise<DocumentOutcome<unknown>> => {
        const task = { ...given, limits: language }
        const here = await whileSmall(task, port, (small, watch) => planDocument(task, small, watch))
        if (here !== undefined) return here
        const result = await thread.perform({ kind: 'plan', task }, port)
        if (result.kind === 'plan') return result.outcome
        const sources: Sources = new Map([[task.root.path, task.root.text]])
        return { kind: 'invalid', diagnostics: [whyNot(result, task, allowed)], sources, config: null }
      }),
    lint: (request, options) =>
      lintWith(request, options, async (given, _, port) => {
        const task = { ...given, limits: language }
        const here = await whileSmall(task, port, (small, watch) => lintDocument(task, options, small, watch))
        if (here !== undefined) return here
        const result = await thread.perform({ kind: 'lint', task, options }, port)
        return result.kind === 'lint' ? result.linted : refusedLint([whyNot(result, task, allowed)])
      }),
    close: () => thread.close(),
  }
}

/** Thrown by the port into a composition that has grown too large for here, and caught where it began. */
const TOO_LARGE = new Error('the document is too large for this thread')

/** Undefined: the file, what it includes, or what they unfold into, turned out to be large. What was read for it is remembered by the port. */
async function whileSmall<T>(
  { root }: PlanTask,
  port: IncludePort,
  work: (port: IncludePort, watch: Watch) => Promise<T>,
): Promise<T | undefined> {
  let size = root.text.length
  if (size > SMALL_DOCUMENT) return undefined
  const counted: IncludePort = {
    ...port,
    async read(wanted) {
      const found = await port.read(wanted)
      size += found.kind === 'found' ? found.text.length : 0
      if (size > SMALL_DOCUMENT) throw TOO_LARGE
      return found
    },
  }
  try {
    return await work(counted, (document) => {
      if (roughJobCount(document) > SMALL_PIPELINE) throw TOO_LARGE
    })
  } catch (error) {
    if (error === TOO_LARGE) return undefined
    throw error
  }
}

function whyNot(failure: Result | ThreadFailure, { root }: PlanTask, limits: ThreadLimits): Diagnostic {
  if (failure.kind !== 'failed') throw new Error(`Bug: ${failure.kind} is not what was asked for`)
  const { finding, help } = REASONS[failure.reason](limits)
  const sources = new Map([[root.path, root.text]])
  return diagnosticAt(sources, { file: root.path, start: 0, end: 0 }, finding, help)
}

const REASONS: Record<
  ThreadFailure['reason'],
  (limits: ThreadLimits) => { readonly finding: Finding; readonly help: string }
> = {
  time: ({ time }) => ({
    finding: compileTooSlow,
    help: `compiling it took longer than ${time / 1000} s, which language.compile_seconds allows`,
  }),
  memory: ({ memory }) => ({
    finding: compileTooLarge,
    help: `compiling it took more memory than the ${Math.round(memory / 1024 ** 2)} MiB that language.compile_memory allows`,
  }),
  died: () => ({ finding: compileUndefined, help: 'the thread that compiled it came to an end' }),
}
