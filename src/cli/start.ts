import type { CommandContext } from './context.ts'
import { describeCrash } from './crash.ts'
import { shortHelp } from './short-help.ts'

/** Runs the command line and ends the process with its exit code, once all that was written has left. */
export async function start(
  argv: readonly string[],
  program: Pick<CommandContext, 'version' | 'packageRoot' | 'entry'>,
): Promise<never> {
  let survives = (_error: unknown): boolean => false
  const context: CommandContext = {
    ...program,
    env: process.env,
    out: writer(process.stdout),
    err: writer(process.stderr),
    stdoutIsTerminal: process.stdout.isTTY,
    elapsed: () => performance.now() / 1000,
    outlive(decide) {
      survives = decide
    },
  }
  const crash = (error: unknown): never => {
    const { text, exitCode } = describeCrash(error)
    context.err(text)
    process.exit(exitCode)
  }
  // Rejections that nobody awaits arrive here too.
  process.on('uncaughtException', (error) => {
    if (!survives(error)) crash(error)
  })
  process.exitCode = await exitCodeOf(argv, context).catch(crash)
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  process.exit()
}

async function exitCodeOf(argv: readonly string[], context: CommandContext): Promise<number> {
  if (argv.length === 0) {
    context.out(shortHelp(context.version))
    return 0
  }
  const { runProgram } = await import('./program.ts')
  return runProgram(argv, context)
}

/** A reader that went away (`sluice run | head`), or a terminal that did, ends the writing and not the work. */
function writer(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true
  stream.on('error', () => {
    open = false
  })
  return (text) => {
    if (open && text !== '') stream.write(text)
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) return resolve()
    stream.write('', () => resolve())
  })
}
