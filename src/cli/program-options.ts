import { Option, type Command } from 'commander'
import { COLOR_CHOICES } from './colors.ts'

// Options that several commands have, with the same words.

export type Done = (exitCode: number) => void

export function executorOption(): Option {
  return new Option('--executor <name>', 'how jobs are isolated (default: auto)').choices([
    'auto',
    'bubblewrap',
    'shell',
  ])
}

export function networkOption(): Option {
  return new Option(
    '--network <mode>',
    "the jobs' network: of this machine, none, or outwards only (default: host)",
  ).choices(['host', 'none', 'nat'])
}

export function colorOption(): Option {
  return new Option('--color <when>', 'colours; NO_COLOR and FORCE_COLOR are honoured')
    .choices(COLOR_CHOICES)
    .default('auto')
}

/** The flags that say which daemon is meant. */
export function daemon(command: Command): Command {
  return command
    .option('--url <url>', 'the daemon (default: SLUICE_URL, or the one that runs here)')
    .option('--config <file>', 'the runner.config.yaml of the daemon')
    .option('--state <dir>', 'the state folder of the daemon')
    .option('--cwd <dir>', 'the folder that the command is meant for', '.')
    .option('--json', 'one JSON object', false)
}

/** The same, and which of its projects. */
export function remote(command: Command): Command {
  return daemon(
    command.option('--project <id|path>', 'the project (default: the one of this folder, or the only one)'),
  )
}
