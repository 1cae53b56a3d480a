/** Takes gitlab-runner's timestamps (`FF_TIMESTAMPS`) out of a log, if its first line has one. Text may be cut anywhere. */
export interface TimestampStrip {
  push(text: string): string
  /** What was held back until more would come. */
  end(): string
}

const HEADER = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z [0-9a-f]{2}[EO][+ ]/
const LENGTH = 32

/** A line whose header ends with `+` goes on with the line before. */
export function timestampStrip(): TimestampStrip {
  let held = ''
  let stamped: boolean | undefined
  let first = true
  /** The text so far ends within a line, not behind its newline. */
  let inLine = false

  function strip(whole: boolean): string {
    let shown = ''
    for (;;) {
      // Between lines: `held` begins with a header that may not be whole.
      if (held === '' || (held.length < LENGTH && !whole)) return shown
      const header = HEADER.test(held)
      if (!first && !(header && held[LENGTH - 1] === '+')) shown += '\n'
      first = false
      if (header) held = held.slice(LENGTH)
      const end = held.indexOf('\n')
      if (end === -1) {
        inLine = true
        shown += held
        held = ''
        return shown
      }
      shown += held.slice(0, end)
      held = held.slice(end + 1)
    }
  }

  return {
    push(text) {
      if (stamped === false) return text
      held += text
      if (stamped === undefined) {
        if (held.length < LENGTH) return ''
        stamped = HEADER.test(held)
      }
      if (!stamped) return take()
      return proceed(false)
    },
    end() {
      if (stamped !== true) return take()
      const rest = proceed(true)
      return !inLine && !first ? `${rest}\n` : rest
    },
  }

  function take(): string {
    const text = held
    held = ''
    return text
  }

  function proceed(whole: boolean): string {
    let before = ''
    if (inLine) {
      const end = held.indexOf('\n')
      if (end === -1) return take()
      before = held.slice(0, end)
      held = held.slice(end + 1)
      inLine = false
    }
    return before + strip(whole)
  }
}
