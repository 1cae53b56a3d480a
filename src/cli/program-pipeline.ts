import { Option, type Command } from 'commander'
import { PIPELINE_SOURCES } from '../model/source.ts'
import { STATUSES } from '../model/status.ts'
import type { CommandContext } from './context.ts'
import { collectColonPairs, collectPair, oneOf, positiveInteger } from './flags.ts'
import { colorOption, remote, type Done } from './program-options.ts'

/** Adds `sluice pipeline …`, `status` and `view`. */
export function addPipelineCommands(program: Command, context: CommandContext, done: Done): void {
  const pipeline = program
    .command('pipeline')
    .summary('pipelines of a daemon: list, run, delete')
    .description("A daemon's pipelines.")
  const commands = () => import('./pipeline/pipeline-commands.ts')
  remote(pipeline.command('list').summary('newest first'))
    .option('--ref <name>', 'only of this branch or tag')
    .option('--status <name>', 'only in this status', oneOf(STATUSES))
    .option('--source <name>', 'only with this CI_PIPELINE_SOURCE', oneOf(PIPELINE_SOURCES))
    .option('-n, --limit <n>', 'how many', positiveInteger, 20)
    .action(async (flags: object) => {
      const { pipelineList } = await commands()
      done(await pipelineList(flags as Parameters<typeof pipelineList>[0], context))
    })
  given(remote(pipeline.command('run').summary('make a pipeline'))).action(async (flags: object) => {
    const { pipelineRun } = await commands()
    done(await pipelineRun(flags as Parameters<typeof pipelineRun>[0], context))
  })
  remote(pipeline.command('delete').summary('remove a pipeline with its jobs, logs and artifacts'))
    .argument('<ID>', 'number of a pipeline', positiveInteger)
    .action(async (id: number, flags: object) => {
      const { pipelineDelete } = await commands()
      done(await pipelineDelete(id, flags, context))
    })
  addStatus(program, context, done)
  addView(program, context, done)
}

/** What a new pipeline is given. */
export function given(command: Command): Command {
  return command
    .option('-b, --ref <name>', "branch or tag (default: the project's default branch)")
    .addOption(new Option('--branch <name>', 'the same, as glab has it').conflicts('ref').hideHelp())
    .option('--variable <K=V>', 'a variable of the pipeline; repeatable', collectPair, {})
    .option('--variables <k:v>', 'the same as glab writes it; repeatable', collectColonPairs, {})
    .option('--input <K=V>', 'a value for spec:inputs; repeatable', collectPair, {})
    .option('--wait', 'wait until the pipeline has ended; its status is the exit code', false)
}

function addStatus(program: Command, context: CommandContext, done: Done): void {
  remote(
    program
      .command('status')
      .summary('the newest pipeline of a branch or tag, in a daemon')
      .description('The newest pipeline of a branch or tag with its jobs; with --live until it has ended.')
      .argument('[REF]', "branch or tag (default: the project's branch that is checked out here, else any)"),
  )
    .option('--live', 'a line for each change; the exit code is 1 when the pipeline fails', false)
    .option('--compact', 'one line', false)
    .addOption(colorOption())
    .action(async (ref: string | undefined, flags: object) => {
      const { statusCommand } = await import('./pipeline/status.ts')
      done(await statusCommand(ref, flags as Parameters<typeof statusCommand>[1], context))
    })
}

function addView(program: Command, context: CommandContext, done: Done): void {
  remote(
    program
      .command('view')
      .summary('a pipeline with its stages, jobs and downstream pipelines')
      .description(
        'Print a pipeline of a daemon with its stages, jobs, and the pipelines that its trigger jobs started.',
      )
      .argument('[REF|ID]', 'a pipeline, or the newest one of a branch or tag'),
  )
    .addOption(colorOption())
    .action(async (wanted: string | undefined, flags: object) => {
      const { viewCommand } = await import('./pipeline/view.ts')
      done(await viewCommand(wanted, flags as Parameters<typeof viewCommand>[1], context))
    })
}
