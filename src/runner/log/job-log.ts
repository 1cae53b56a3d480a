import { existsSync } from 'node:fs'
import type { TraceWriter } from '../../model/coordinator.ts'
import { limitNotice } from './ansi.ts'
import type { Masker } from './mask.ts'
import type { Stamper, StampStream } from './timestamps.ts'

/** The log of one job: masked, bounded, then written. Runner's lines and the job's output keep the order of the calls. */
export interface JobLog {
  /** The runner's own words. Written soon, together with what else is said in this turn. */
  say(text: string): void
  /** The job's output. Resolves when the bytes are handed on, which is the back-pressure; never rejects. */
  output(bytes: Buffer): Promise<void>
  /** No more output of this script: gives out a held beginning of a secret. */
  release(): void
  /** Writes what waits and closes the trace. */
  close(): Promise<void>
}

export interface JobLogOptions {
  readonly writer: TraceWriter
  readonly masker: Masker
  /** Absent: lines have no timestamps. */
  readonly stamper?: Stamper | undefined
  /** Bytes, after masking. */
  readonly limit: number
  /** Called once, with the first error of the writer; from then on the log is drained without being kept. */
  onFailure(error: Error): void
}

export function openJobLog({ writer, masker, stamper, limit, onFailure }: JobLogOptions): JobLog {
  let spoken = ''
  let room = limit
  let written: Promise<void> = Promise.resolve()
  let failed = false
  let turn: NodeJS.Immediate | undefined

  function append(shown: Buffer, stream: StampStream): Promise<void> {
    if (shown.length === 0 || room < 0 || failed) return written
    const bytes = stamper ? stamper.stamp(shown, stream) : shown
    const kept = bytes.length <= room ? bytes : overLimit(bytes)
    room = kept === bytes ? room - bytes.length : -1
    written = written.then(() => (failed ? undefined : writer.write(kept))).catch(fail)
    return written
  }

  function overLimit(bytes: Buffer): Buffer {
    return Buffer.concat([bytes.subarray(0, characterStart(bytes, room)), Buffer.from(limitNotice(limit))])
  }

  function fail(reason: unknown): void {
    if (failed) return
    failed = true
    onFailure(reason instanceof Error ? reason : new Error(String(reason)))
  }

  function speak(): void {
    clearImmediate(turn)
    turn = undefined
    if (spoken === '') return
    const text = Buffer.from(spoken)
    spoken = ''
    void append(masker.write(text), '00O')
  }

  function release(): void {
    speak()
    void append(masker.end(), '01O')
  }

  return {
    say(text) {
      spoken += text
      turn ??= setImmediate(speak)
    },
    output(bytes) {
      speak()
      // Over the limit or after an error the job is drained, so that it does not stand still.
      return room < 0 || failed ? Promise.resolve() : append(masker.write(bytes), '01O')
    },
    release,
    async close() {
      release()
      await written
      await writer.close().catch(fail)
      // What is written to a deleted file fails nowhere, and can be read nowhere.
      if (!existsSync(writer.path)) fail(new Error(`${writer.path} was deleted while the job ran`))
    },
  }
}

/** The offset at or before `offset` where a UTF-8 character begins. */
function characterStart(bytes: Buffer, offset: number): number {
  let at = offset
  while (at > 0 && offset - at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--
  return ((bytes[at] ?? 0) & 0xc0) === 0x80 ? offset : at
}
