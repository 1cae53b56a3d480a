import { readFileSync } from 'node:fs'
import { GITLAB_VERSION } from '../app/gitlab-version.ts'
import { CONFIG_PATH } from '../app/served-project.ts'
import type { Config } from '../ci/config.ts'
import type { LoadedDocument } from '../ci/load.ts'
import { allWarnings } from '../ci/warnings/all-warnings.ts'
import { openQuote, suspectScripts } from '../ci/warnings/script-quotes.ts'
import { onceForEachPlace, type LintedFile } from '../ci/warnings/warning.ts'
import { compilePipeline, type CompileRequest } from '../compile/compile.ts'
import { readDocuments } from '../compile/documents.ts'
import { keptAnswer, type Answer } from '../compile/kept-answers.ts'
import { plannedJobs, staticJobs, type LintJob } from '../compile/lint-jobs.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import { ZERO_SHA } from '../model/pipeline.ts'
import { variable } from '../model/variable.ts'
import { openFolderFiles } from '../platform/folder-files.ts'
import { withFile } from '../platform/given-file.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { decodeText } from '../shared/decode-text.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { byPosition } from '../shared/source-text.ts'
import { answerStore, buildOf } from './answer-store.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'
import type { LintTarget } from './lint-targets.ts'
import { checkMergeRequest, mergeRequestInto } from './merge-request.ts'
import type { SituationFlags } from './situation-flags.ts'

export type LintFlags = SituationFlags

/** What was found in one file and in what it includes. */
export interface Linted {
  /** Errors and warnings, in order of position. */
  readonly problems: readonly Diagnostic[]
  readonly sources: Sources
  readonly jobs: readonly LintJob[]
}

/** Checks one file. Git is asked only when a pipeline of a repository is to be planned. */
export async function lintFile(
  target: LintTarget,
  flags: LintFlags,
  context: CommandContext,
): Promise<Result<Linted, Failure>> {
  const bytes = readBytes(target)
  if (!bytes.ok) return bytes
  const opened = await openRequest(target, bytes.value, flags, context)
  if (!opened.ok) return opened
  const { request, close } = opened.value
  try {
    const about = ['lint', buildOf(context), String(namesEvent(flags))]
    const kept = await keptAnswer(answerStore(context), { about, request }, (asked) =>
      lintAnswer(target, flags, asked),
    )
    return ok({ ...kept, sources: new Map([[target.path, decodeText(bytes.value)], ...kept.included]) })
  } finally {
    close()
  }
}

/** As JSON can hold it: the text of the file itself is at hand, those of its includes belong to the answer. */
type KeptLint = Omit<Linted, 'sources'> & { readonly included: readonly (readonly [string, string])[] }

/** What is wrong with a file may lie in what it could not find, which nobody watches: only valid ones are kept. */
async function lintAnswer(
  target: LintTarget,
  flags: LintFlags,
  request: CompileRequest,
): Promise<Answer<KeptLint>> {
  const documents = await readDocuments(request)
  if (documents === undefined) throw new Error(`Bug: ${target.file} was read and is gone`)
  const { sources, ...linted } = await lintedOf(documents, target, flags, request)
  const included = [...sources].filter(([path]) => path !== target.path)
  const sound = documents.loaded.ok && !linted.problems.some(({ severity }) => severity === 'error')
  return { value: { ...linted, included }, sources: sound ? sources : null }
}

function readBytes({ file }: LintTarget): Result<Buffer, Failure> {
  try {
    return ok(readFileSync(file))
  } catch (error) {
    return err(failure(EXIT.usage, 'file.unreadable', error instanceof Error ? error.message : String(error)))
  }
}

async function lintedOf(
  { loaded, written }: LoadedDocument,
  target: LintTarget,
  flags: LintFlags,
  request: CompileRequest,
): Promise<Linted> {
  if (!loaded.ok) {
    const { diagnostics, later = [], warnings = [], sources } = loaded.error
    return { problems: [...diagnostics, ...later, ...warnings].toSorted(byPosition), sources, jobs: [] }
  }
  const config = loaded.value
  const given = new Set([...request.pipelineVariables, ...request.project.variables].map(({ key }) => key))
  const warnings =
    written === null ? config.warnings : await warningsOf({ config, written, path: target.path, given })
  if (!namesEvent(flags)) return { problems: warnings, sources: config.sources, jobs: staticJobs(config) }
  const planned = await plannedOf(config, request)
  return {
    ...planned,
    problems: [...planned.problems, ...warnings].toSorted(byPosition),
    sources: config.sources,
  }
}

/** All warnings of a file; the shell is asked only about scripts that look wrong. */
async function warningsOf(file: LintedFile): Promise<readonly Diagnostic[]> {
  const warnings = allWarnings(file)
  const suspects = suspectScripts(file)
  if (suspects.length === 0) return warnings
  const { unmatchedQuote } = await import('../platform/shell-syntax.ts')
  const open = suspects.flatMap((suspect) => {
    const quote = unmatchedQuote(suspect.text)
    return quote === undefined ? [] : [openQuote(file, suspect, quote)]
  })
  return onceForEachPlace([...warnings, ...open]).toSorted(byPosition)
}

/** Whether a certain pipeline is meant, and not only the file. */
function namesEvent({ event, source, ref, tag, variable: variables }: LintFlags): boolean {
  return (event ?? source ?? ref ?? tag) !== undefined || Object.keys(variables).length > 0
}

async function plannedOf(
  config: Config,
  request: CompileRequest,
): Promise<Pick<Linted, 'problems' | 'jobs'>> {
  const outcome = await compilePipeline(request)
  switch (outcome.kind) {
    case 'plan':
      return { problems: [], jobs: plannedJobs(outcome.plan) }
    case 'invalid':
      return { problems: outcome.diagnostics, jobs: [] }
    case 'filtered_by_rules':
    case 'filtered_by_workflow_rules':
      // The file is valid; that this event makes no pipeline may be meant.
      return { problems: [emptyPipeline(outcome.message, config)], jobs: [] }
    default:
      throw new Error(`Bug: ${outcome.kind} of a file that was read`)
  }
}

function emptyPipeline(message: string, { jobs }: Config): Diagnostic {
  const help = `${jobs.size} jobs looked at; sluice list --all shows why each is left out`
  return { severity: 'warning', code: 'pipeline.empty', message, help }
}

interface OpenRequest {
  readonly request: CompileRequest
  close(): void
}

async function openRequest(
  target: LintTarget,
  bytes: Buffer,
  flags: LintFlags,
  context: CommandContext,
): Promise<Result<OpenRequest, Failure>> {
  const fitting = checkMergeRequest(flags)
  if (!fitting.ok) return fitting
  if (!target.inRepository || !namesEvent(flags))
    return ok({ request: requestWithoutGit(target, bytes, flags), close: () => undefined })
  const { readSituation } = await import('./situation.ts')
  const situation = await readSituation({ ...flags, cwd: target.root }, context)
  if (!situation.ok) return situation
  const { request, close } = situation.value
  const repository = withFile(request.repository, target.path, bytes)
  return ok({ request: { ...request, repository, configPath: target.path }, close })
}

/** A push to the default branch of a project that nothing is known of. */
function requestWithoutGit(target: LintTarget, bytes: Buffer, flags: LintFlags): CompileRequest {
  const { root, path } = target
  const source = flags.event ?? flags.source ?? 'push'
  return {
    project: {
      id: 1,
      name: 'local/project',
      path: root,
      repository: root,
      defaultBranch: 'main',
      variables: [],
      configPath: CONFIG_PATH,
      createdAt: 0,
    },
    repository: withFile(openFolderFiles(root), path, bytes),
    configPath: path,
    treeSha: ZERO_SHA,
    sha: ZERO_SHA,
    beforeSha: ZERO_SHA,
    ref: flags.tag ?? flags.ref ?? 'main',
    tag: flags.tag !== undefined,
    tagMessage: null,
    source,
    mergeRequest: source === 'merge_request_event' ? mergeRequestInto(flags.targetBranch ?? 'main') : null,
    pipelineVariables: Object.entries(flags.variable).map(([key, value]) => variable(key, value, 'run')),
    user: { id: LOCAL_USER_ID, username: 'root', name: '', email: '' },
    triggered: source === 'trigger',
    scheduleDescription: null,
    server: { url: 'http://localhost', version: GITLAB_VERSION },
    createdAt: 0,
    inputs: flags.input,
    selection: null,
    forRun: false,
  }
}
