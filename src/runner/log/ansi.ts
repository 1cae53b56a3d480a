// gitlab-runner's colours and section markers, byte for byte: viewers parse them.

const RESET = '\u001b[0;m'
const CLEAR = '\u001b[0K'

/** One of the runner's own lines. */
export const plainLine = (text: string): string => `${CLEAR}${text}${RESET}\n`

/** The heading of a build stage: bold cyan. */
export const headingLine = (text: string): string => plainLine(`\u001b[36;1m${text}${RESET}`)

/** gitlab-runner's helper, before it ends. */
export const fatalLine = (text: string): string => `\u001b[31;1mFATAL: ${text}${RESET}\n`

/** Bold green: what the runner does, and echoed commands. */
export const noticeLine = (text: string): string => `${notice(text)}\n`

export const warningLine = (text: string): string => `\u001b[0;33mWARNING: ${text}${RESET}\n`

/** Yellow, without the word: what a stage's script says. */
export const cautionLine = (text: string): string => `\u001b[0;33m${text}${RESET}\n`

export const errorLine = (text: string): string => `\u001b[31;1mERROR: ${text}${RESET}\n`

export const notice = (text: string): string => `\u001b[32;1m${text}${RESET}`

/** Written without a newline: the heading follows on the same line. `time` in milliseconds. */
export const sectionStart = (name: string, time: number): string =>
  `section_start:${Math.floor(time / 1000)}:${name}\r${CLEAR}`

export const sectionEnd = (name: string, time: number): string =>
  `section_end:${Math.floor(time / 1000)}:${name}\r${CLEAR}`

/** gitlab-runner's words at the size limit; nothing follows them, not even `Job succeeded`. */
export const limitNotice = (limit: number): string =>
  `\n\u001b[33;1mJob's log exceeded limit of ${limit} bytes.\nJob execution will continue but no more output will be collected.${RESET}\n`
