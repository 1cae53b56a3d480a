// One long-lived `git cat-file --batch-command` for a repository: an answer takes about 0.1 ms where a process takes some
// milliseconds, and new commits and refs are seen at once, because git looks them up anew for every request.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import { createAnswerReader } from './cat-file-answers.ts'
import type { Answer, Question } from './cat-file-answers.ts'
import { gitInvocation } from './git-command.ts'

export interface CatFile {
  /** Id, type and size of an object given by any name git knows; undefined when there is none. */
  info(name: string): Promise<Answer | undefined>
  /** The same with the content, up to `limit` bytes: `bytes` is null for a larger object. */
  contents(name: string, limit: number): Promise<Answer | undefined>
  /** Ends the process when the answers that are awaited have come; a later request starts it again. */
  close(): void
}

/** Requests that are to be answered; `deaths` counts the processes that ended while this one was first in the queue. */
interface Pending extends Question {
  readonly resolve: (answer: Answer | undefined) => void
  readonly reject: (error: Error) => void
  deaths: number
}

interface Running {
  readonly child: ChildProcess
  readonly stdin: Writable
  answered: boolean
}

/** Starts nothing yet. The process ends after a minute without requests, and keeps node alive only while an answer is awaited. */
export function openCatFile(gitDir: string, idleMs = 60_000): CatFile {
  let queue: Pending[] = []
  let running: Running | undefined
  let silentDeaths = 0
  let idle: NodeJS.Timeout | undefined
  let closing = false

  function ask(question: Question): Promise<Answer | undefined> {
    // The request ends with NUL, so a name with one would be two requests.
    if (question.name.includes('\0')) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      closing = false
      queue.push({ ...question, resolve, reject, deaths: 0 })
      if (running) send(running, question)
      else start()
    })
  }

  function send(to: Running, question: Question): void {
    clearTimeout(idle)
    to.child.ref()
    to.stdin.write(`${question.limit === undefined ? 'info' : 'contents'} ${question.name}\0`)
  }

  function start(): void {
    const { args, env } = gitInvocation({ kind: 'repository', gitDir })
    const child = spawn('git', [...args, 'cat-file', '--batch-command', '-z'], {
      cwd: '/',
      env,
      stdio: 'pipe',
    })
    const current: Running = { child, stdin: child.stdin, answered: false }
    running = current
    const read = createAnswerReader(
      () => queue[0],
      (answer) => settleFirst(current, answer),
    )
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      if (!read(chunk)) child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4096)))
    // Writing to a process that has died: its end is handled below.
    child.stdin.on('error', () => {})
    child.on('error', (error) => ended(current, error.message))
    child.on('close', () => ended(current, stderr.trim()))
    for (const stream of [child.stdin, child.stdout, child.stderr]) unref(stream)
    for (const question of queue) send(current, question)
  }

  function settleFirst(from: Running, answer: Answer | undefined): void {
    from.answered = true
    silentDeaths = 0
    queue.shift()?.resolve(answer)
    if (queue.length > 0) return
    from.child.unref()
    if (closing) close()
    else idle = setTimeout(close, idleMs).unref()
  }

  /** Asks again in a new process, but gives up on a request that ended two of them (a damaged object), and on all when none even starts. */
  function ended(which: Running, reason: string): void {
    if (running !== which) return
    running = undefined
    clearTimeout(idle)
    if (queue.length === 0) return
    silentDeaths = which.answered ? 0 : silentDeaths + 1
    const first = queue[0]
    if (first) first.deaths += 1
    const hopeless = silentDeaths > 3 ? queue : queue.filter((it) => it.deaths > 1)
    queue = queue.filter((it) => !hopeless.includes(it))
    if (queue.length === 0) silentDeaths = 0
    for (const it of hopeless) it.reject(new Error(reason || `git cat-file ended in ${gitDir}`))
    if (queue.length > 0 && !running) start()
  }

  function close(): void {
    clearTimeout(idle)
    closing = queue.length > 0
    if (closing) return
    running?.stdin.end()
    running = undefined
  }

  return {
    info: (name) => ask({ name, limit: undefined }),
    contents: (name, limit) => ask({ name, limit }),
    close,
  }
}

/** Pipes to a child are sockets, which node's types do not say. */
function unref(stream: Readable | Writable | Duplex): void {
  if (stream instanceof Socket) stream.unref()
}
