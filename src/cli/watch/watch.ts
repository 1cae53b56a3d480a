import { ok, type Result } from '../../shared/result.ts'
import { chooseColors } from '../colors.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, SIGNAL_EXIT } from '../exit-code.ts'
import type { Failure } from '../failure.ts'
import { killJobs } from '../kill-jobs.ts'
import { checkMergeRequest } from '../merge-request.ts'
import { openRunApp, reporterFor, type RunApp } from '../run-app.ts'
import { configPathOf } from '../run-checkout.ts'
import type { RunFlags } from '../run-flags.ts'
import type { RunReporter } from '../run-reporter.ts'
import { watchInputs, type WatchInputs } from './inputs.ts'
import { readKey } from './keys.ts'
import { seeWorkTree, type Seen } from './look.ts'
import { jsonReport, textReport, type WatchReport } from './report.ts'
import { watchSession, type WatchSession } from './session.ts'

/**
 * `sluice watch`: runs the jobs that a save touches, until `q` or the end of the terminal's input (0) or a signal (its
 * code). What the tree is at the start runs nothing. `jobs`: only these, and what they need.
 */
export async function watchCommand(
  jobs: readonly string[],
  flags: RunFlags,
  context: CommandContext,
): Promise<number> {
  const outcome = await watchJobs(jobs, flags, context)
  if (outcome.ok) return outcome.value
  reporterFor(flags, context).failed(outcome.error)
  return outcome.error.exitCode
}

async function watchJobs(
  jobs: readonly string[],
  flags: RunFlags,
  context: CommandContext,
): Promise<Result<number, Failure>> {
  const reporter = reporterFor(flags, context)
  const fitting = checkMergeRequest(flags)
  if (!fitting.ok) return fitting
  let inputs: WatchInputs | undefined
  try {
    const opened = await openRunApp({
      flags,
      context,
      reporter,
      check: (tree) => configPathOf(tree, flags),
      async read(tree, mirror) {
        // Watched before it is read, so that no save falls in between.
        const watching = (inputs = watchInputs(tree.root, { notice: reporter.notice }))
        const seen = await seeWorkTree(tree, mirror, flags)
        return seen.ok
          ? ok({ branches: seen.value.branches, seen: seen.value, root: tree.root, mirror, watching })
          : seen
      },
    })
    return opened.ok ? await watchWith(opened.value, { jobs, flags, context, reporter }) : opened
  } finally {
    inputs?.close()
  }
}

interface Watched {
  readonly branches: Seen['branches']
  readonly seen: Seen
  readonly root: string
  readonly mirror: string
  readonly watching: WatchInputs
}

interface Asked {
  readonly jobs: readonly string[]
  readonly flags: RunFlags
  readonly context: CommandContext
  readonly reporter: RunReporter
}

async function watchWith(
  { app, work, startRunner }: RunApp<Watched>,
  { jobs, flags, context, reporter }: Asked,
): Promise<Result<number, Failure>> {
  const { watching, seen, root, mirror } = work
  try {
    for (const notice of [...seen.files.notices, ...seen.asked.notices]) reporter.notice(notice)
    watching.onImpatience(() => killJobs(app))
    startRunner()
    await watching.ready
    const colors = chooseColors(flags.color, context.env, context.stdoutIsTerminal)
    const report = flags.json ? jsonReport(context) : textReport(context, colors)
    const ended = (): void => watching.events.push({ kind: 'ended' })
    const session = watchSession({ app, jobs, flags, context, colors, report, root, mirror, ended })
    const begun = await session.begin(seen)
    return begun.ok ? ok(await react(session, watching, { report, notice: reporter.notice })) : begun
  } finally {
    await app.close()
  }
}

/** Until somebody ends it; resolves with the exit code, no job running. */
async function react(
  session: WatchSession,
  { events, ending }: WatchInputs,
  { report, notice }: { readonly report: WatchReport; notice(text: string): void },
): Promise<number> {
  let picking = false
  async function end(code: number): Promise<number> {
    ending()
    if (session.busy()) notice('canceling; Ctrl+C kills what is left')
    await session.stop()
    return code
  }
  for (;;) {
    const event = await events.next()
    switch (event.kind) {
      case 'saved':
        await session.saved()
        break
      case 'ended':
        session.settled()
        break
      case 'signal':
        return end(SIGNAL_EXIT[event.signal])
      case 'left':
        return end(EXIT.success)
      case 'line': {
        const key = readKey(event.text, picking, session.jobs())
        picking = key.kind === 'pick'
        if (key.kind === 'quit') return end(EXIT.success)
        if (key.kind === 'run') await session.run(key.reason, key.jobs)
        else report.say(key.text)
      }
    }
  }
}
