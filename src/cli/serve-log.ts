import { closeSync, openSync } from 'node:fs'
import { destination, pino } from 'pino'
import type { App } from '../app.ts'
import type { ServeOptions } from '../app/serve-http.ts'
import type { PipelineEvent } from '../model/events.ts'
import { splitProjectName } from '../model/project.ts'
import { isCompleted, type Status } from '../model/status.ts'
import { elapsedSeconds } from '../shared/elapsed.ts'
import type { Colors } from './colors.ts'
import { systemClock } from '../platform/clock.ts'
import type { CommandContext } from './context.ts'
import { logTrouble } from './log-trouble.ts'
import { counted, durationText } from './words.ts'

type LogRecord = Parameters<ServeOptions['log']>[0]

/** What the daemon says while it runs: short lines for a terminal, JSON lines (pino's) for everything else. */
export interface ServeLog {
  record(record: LogRecord): void
  warn(text: string): void
  /** From now on one line for each change of a pipeline; in a terminal only when it begins and ends. */
  follow(app: App): void
  /** News that is no trouble. */
  tell(text: string): void
  /** Opens its file anew, which somebody may have moved away. */
  reopen(): void
  /** Resolves when what waits is written, or cannot be. What is logged afterwards is lost. */
  end(): Promise<void>
}

/** `file`: JSON lines go there and not to stdout. Throws the file system's error when it cannot be written. */
export function serveLog(context: CommandContext, colors: Colors, file: string | null): ServeLog {
  if (!context.stdoutIsTerminal) return jsonLog(context, file)
  const terminal = terminalLog(context, colors)
  return file === null ? terminal : both(terminal, jsonLog(context, file))
}

function both(one: ServeLog, other: ServeLog): ServeLog {
  const logs = [one, other]
  return {
    record: (record) => logs.forEach((log) => log.record(record)),
    warn: (text) => logs.forEach((log) => log.warn(text)),
    tell: (text) => logs.forEach((log) => log.tell(text)),
    follow: (app) => logs.forEach((log) => log.follow(app)),
    reopen: () => logs.forEach((log) => log.reopen()),
    end: async () => void (await Promise.all(logs.map((log) => log.end()))),
  }
}

function terminalLog({ out, err }: CommandContext, colors: Colors): ServeLog {
  const say = (text: string): void => out(`${colors.dim(new Date().toLocaleTimeString('en-GB'))} ${text}\n`)
  return {
    // Requests that went well are no news in a terminal: the pipelines that they start are.
    record: ({ level, message }) => {
      if (level !== 'info') err(`${level}: ${message}\n`)
    },
    warn: (text) => err(`${colors.yellow('warning:')} ${text}\n`),
    tell: say,
    follow: (app) =>
      onPipelines(
        app,
        beginningsAndEnds((news) => say(pipelineText(news, colors))),
      ),
    reopen: () => undefined,
    end: () => Promise.resolve(),
  }
}

/** Characters that wait in memory while the file cannot be written. */
const MOST_WAITING = 16 * 1024 ** 2
/** For what waits at the end; a pipe that nobody reads takes nothing. */
const LAST_WRITE_MS = 2000

function jsonLog(context: CommandContext, file: string | null): ServeLog {
  // Who cannot write there is told now, and not by an event of its own later.
  if (file !== null) closeSync(openSync(file, 'a', 0o600))
  const sink = destination({
    dest: file ?? 1,
    sync: false,
    ...(file === null ? {} : { mode: 0o600, maxLength: MOST_WAITING }),
  })
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    sink,
  )
  if (file !== null) {
    const trouble = logTrouble(file, systemClock, context.err)
    sink.on('error', trouble.failed)
    sink.on('drop', trouble.dropped)
    sink.on('drain', () => {
      const text = trouble.written()
      if (text !== undefined) logger.warn(text)
    })
  }
  return {
    record: ({ level, message, ...fields }) => logger[level](fields, message),
    warn: (text) => logger.warn(text),
    tell: (text) => logger.info(text),
    follow: (app) =>
      onPipelines(app, ({ pipeline, ...facts }) =>
        logger.info(
          {
            pipeline_id: pipeline.id,
            status: pipeline.status,
            ref: pipeline.ref,
            source: pipeline.source,
            ...facts,
          },
          'pipeline',
        ),
      ),
    reopen() {
      if (file !== null) sink.reopen()
    },
    end: () =>
      new Promise((resolve) => {
        // Where the disk is full `flushSync` would try for ever, and so would pino when the process ends, unless it is closed.
        const done = (): void => {
          logger.level = 'silent'
          cancel()
          sink.destroy()
          resolve()
        }
        const cancel = systemClock.after(LAST_WRITE_MS, done)
        sink.once('close', done)
        sink.once('error', done)
        sink.end()
      }),
  }
}

/** Something that happened to a pipeline, with the facts that a line about it needs. */
interface PipelineNews {
  readonly pipeline: {
    readonly id: number
    readonly ref: string
    readonly source: string
    readonly status: Status
  }
  readonly project: string
  /** Description of the trigger, when one started it. */
  readonly trigger: string | null
  readonly jobs: number
  /** Seconds; null while it runs. */
  readonly duration: number | null
}

function onPipelines(app: App, tell: (news: PipelineNews) => void): void {
  app.engine.events.on((event) => {
    const news = event.type === 'pipeline' ? newsOf(app, event) : undefined
    if (news) tell(news)
  })
}

/** A line when a pipeline begins, and one when nothing more will happen by itself. */
function beginningsAndEnds(tell: (news: PipelineNews) => void): (news: PipelineNews) => void {
  const begun = new Set<number>()
  return (news) => {
    const { id, status } = news.pipeline
    if (begun.has(id) && !isCompleted(status) && status !== 'manual') return
    begun.add(id)
    if (isCompleted(status)) begun.delete(id)
    tell(news)
  }
}

function newsOf(
  { store, projects }: App,
  event: PipelineEvent & { readonly type: 'pipeline' },
): PipelineNews | undefined {
  const pipeline = store.pipelines.find(event.pipelineId)
  if (!pipeline) return undefined
  const trigger = pipeline.triggerId === null ? undefined : store.triggers.find(pipeline.triggerId)
  const { startedAt, finishedAt } = pipeline
  return {
    pipeline: { id: pipeline.id, ref: pipeline.ref, source: pipeline.source, status: event.to },
    project: projects.find(String(event.projectId))?.name ?? String(event.projectId),
    trigger: trigger?.description ?? null,
    jobs: store.jobs.headsOf(pipeline.id).length,
    duration: elapsedSeconds(startedAt, finishedAt),
  }
}

function pipelineText({ pipeline, project, trigger, jobs, duration }: PipelineNews, colors: Colors): string {
  const who = `${splitProjectName(project).name} #${pipeline.id}`
  if (duration === null && pipeline.status !== 'manual') {
    return `${who} ${pipeline.source}${trigger === null ? '' : ` "${trigger}"`} ${pipeline.ref} → ${counted(jobs, 'job')}`
  }
  const word =
    pipeline.status === 'success'
      ? colors.green('passed')
      : pipeline.status === 'failed'
        ? colors.red('failed')
        : colors.yellow(pipeline.status)
  return `${who} ${word}${duration === null ? '' : ` in ${durationText(duration)}`}`
}
