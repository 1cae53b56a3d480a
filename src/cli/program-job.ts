import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import { collectPair, positiveInteger } from './flags.ts'
import type { Verb } from './job/job-commands.ts'
import { colorOption, executorOption, networkOption, remote, type Done } from './program-options.ts'

const WHERE =
  'ID is one of a daemon, or of what `sluice run` left in this repository; --pipeline makes it the number of a pipeline. ' +
  'Without a daemon the jobs run here, to the end of the pipeline, and the exit code is that of `sluice run`.'

/** Adds `sluice retry`, `play` and `cancel`. */
export function addJobCommands(program: Command, context: CommandContext, done: Done): void {
  const add = (verb: Verb, summary: string, options: (command: Command) => Command): void => {
    const command = program.command(verb).summary(summary).description(`${summary}. ${WHERE}`)
    options(command.argument('<ID>', 'number of a job', positiveInteger)).action(
      async (id: number, flags: object) => {
        const { jobCommand } = await import('./job/job-commands.ts')
        const given = { pipeline: false, variable: {}, force: false, wait: false, ...flags }
        done(
          await jobCommand({ verb, id, flags: given as Parameters<typeof jobCommand>[0]['flags'] }, context),
        )
      },
    )
  }
  add('retry', 'run a job, or what failed of a pipeline, again', (command) =>
    running(command.option('--pipeline', 'ID is a pipeline: all that failed or was canceled', false)),
  )
  add('play', 'run a manual or delayed job now', running)
  add('cancel', 'end a job or a pipeline', (command) =>
    remote(command)
      .option('--pipeline', 'ID is a pipeline', false)
      .option('--force', 'also what is being canceled already, without its after_script', false)
      .addOption(colorOption()),
  )
}

function running(command: Command): Command {
  return remote(command)
    .option('--variable <K=V>', 'a variable of the job, above all others; repeatable', collectPair, {})
    .option('--wait', 'with a daemon: wait until the pipeline has ended; its status is the exit code', false)
    .option('--variables-file <path>', 'without a daemon: project variables, as for `sluice run`')
    .option('--concurrency <n>', 'without a daemon: jobs at a time', positiveInteger)
    .addOption(executorOption())
    .addOption(networkOption())
    .addOption(colorOption())
}
