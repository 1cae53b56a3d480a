import type { Readable } from 'node:stream'

/** What bubblewrap tells on its status descriptor. */
export interface SandboxStatus {
  /** Our number for the first process inside: leader of the group that all of the job is born into. Undefined: none was started. */
  readonly child: Promise<number | undefined>
  /** Undefined when the sandbox was not built, or was killed from outside. */
  readonly exitCode: Promise<number | undefined>
}

/** Reads the JSON documents; they may arrive in pieces. */
export function readStatus(stream: Readable): SandboxStatus {
  let text = ''
  let resolveChild: (pid: number | undefined) => void = () => {}
  let resolveCode: (code: number | undefined) => void = () => {}
  const child = new Promise<number | undefined>((resolve) => (resolveChild = resolve))
  const exitCode = new Promise<number | undefined>((resolve) => (resolveCode = resolve))
  const look = (atEnd: boolean) => {
    const pid = numberIn(text, CHILD)
    if (pid !== undefined || atEnd) resolveChild(pid)
    const code = numberIn(text, EXIT)
    if (code !== undefined || atEnd) resolveCode(code)
  }
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    text += piece
    look(false)
  })
  stream.once('error', () => look(true))
  stream.once('close', () => look(true))
  return { child, exitCode }
}

// Whole documents only: the digits before a closing brace cannot grow any more.
const CHILD = /\{[^{}]*"child-pid"\s*:\s*(\d+)[^{}]*\}/
const EXIT = /\{[^{}]*"exit-code"\s*:\s*(\d+)[^{}]*\}/

function numberIn(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
