/** What a command knows of the program it is part of, and where it may write. */
export interface CommandContext {
  readonly version: string
  /** The folder of our package.json: the packaged fixtures lie in it. */
  readonly packageRoot: string
  /** The file that node was started with. */
  readonly entry: string
  readonly env: NodeJS.ProcessEnv
  /** The result: job output, tables, JSON. */
  readonly out: (text: string) => void
  /** Notices and refusals. */
  readonly err: (text: string) => void
  readonly stdoutIsTerminal: boolean
  /** Seconds since the process began. */
  readonly elapsed: () => number
  /** From now on an exception that nobody caught does not end the process when `survives` says so. */
  readonly outlive: (survives: (error: unknown) => boolean) => void
}
