import { Option, type Command } from 'commander'
import { PIPELINE_SOURCES } from '../model/source.ts'
import type { CommandContext } from './context.ts'
import { collectPair, oneOf, positiveInteger } from './flags.ts'
import { addConfigSchema } from './program-machine.ts'

type Done = (exitCode: number) => void

/** The commands that read a CI file and start nothing. */
export function addReadCommands(program: Command, context: CommandContext, done: Done): void {
  addLint(program, context, done)
  addList(program, context, done)
  addPreview(program, context, done)
  addExplain(program, context, done)
}

function addLint(program: Command, context: CommandContext, done: Done): void {
  const command = program
    .command('lint')
    .summary('check CI files: all mistakes at once, with their places')
    .description(
      'Check CI files as GitLab does, and warn of what is valid but hardly meant. With --event, --ref, --tag or --variable the ' +
        'pipeline of that event is planned as well. The exit code is 0 (valid), 3 (invalid) or 2 (wrong use).',
    )
    .argument('[FILE...]', 'the files (default: .gitlab-ci.yml of this repository)')
  eventOptions(command)
    .option('--include-jobs', 'also print the jobs', false)
    .addOption(new Option('--format <name>', 'text or json').choices(['text', 'json']).default('text'))
    .option('--json', 'the same as --format json', false)
    .action(async (files: string[], flags: object) => {
      const { lintCommand } = await import('./lint.ts')
      done(await lintCommand(files, flags as Parameters<typeof lintCommand>[1], context))
    })
}

function addList(program: Command, context: CommandContext, done: Done): void {
  const command = program
    .command('list')
    .alias('ls')
    .summary('the jobs that would run')
    .description(
      'List the jobs of the pipeline that `sluice run` with the same options would run. The exit code is 4 when there is none.',
    )
  situationOptions(command)
    .option('--all', 'also the jobs that rules leave out, with why', false)
    .addOption(new Option('--csv', "gitlab-ci-local's columns").default(false).conflicts('json'))
    .option('--json', 'one JSON object', false)
    .action(async (flags: object) => {
      const { listCommand } = await import('./list.ts')
      done(await listCommand(flags as Parameters<typeof listCommand>[0], context))
    })
}

function addPreview(program: Command, context: CommandContext, done: Done): void {
  preview(program.command('preview'), context, done)
  // The same by its other name, and what stands below it.
  addConfigSchema(preview(program.command('config', { hidden: true }), context, done), context, done)
}

function preview(command: Command, context: CommandContext, done: Done): Command {
  command
    .summary('the whole configuration, as GitLab merges it')
    .description(
      'Print the CI file with its includes merged, `extends` and `!reference` resolved, as GitLab prints its full configuration.',
    )
  situationOptions(command)
    .option('--origin', 'behind each key the file and line it comes from', false)
    .option('--job <name>', 'only this job')
    .action(async (flags: object) => {
      const { previewCommand } = await import('./preview.ts')
      done(await previewCommand(flags as Parameters<typeof previewCommand>[0], context))
    })
  return command
}

function addExplain(program: Command, context: CommandContext, done: Done): void {
  const command = program
    .command('explain')
    .summary('why a job is in or out, where a value comes from')
    .description(
      'Explain a pipeline: `job NAME` shows the clauses that decided, for which other events the job would run and where its keys ' +
        'come from; `var KEY` shows who gives the variable a value and who wins; `pipeline` shows every job with what decided. ' +
        'With --pipeline the answer is the one that was stored when that pipeline was made.',
    )
    .argument('[WHAT]', 'job, var or pipeline', oneOf(['job', 'var', 'pipeline']), 'pipeline')
    .argument('[NAME]', 'the job or the variable')
  situationOptions(command)
    .option('--job <name>', 'the job that sees the variable')
    .option('--pipeline <id>', 'a pipeline that was made', positiveInteger)
    .option('--config <file>', 'the runner.config.yaml of a daemon whose pipeline it is')
    .option('--json', 'one JSON object', false)
    .action(async (what: 'job' | 'var' | 'pipeline', name: string | undefined, flags: object) => {
      const { explainCommand } = await import('./explain.ts')
      done(await explainCommand({ what, name }, flags as Parameters<typeof explainCommand>[1], context))
    })
}

/** What rules see; the same words as those of `sluice run`. */
function eventOptions(command: Command): Command {
  return command
    .addOption(new Option('--ref <name>', 'the branch that rules see (default: the one checked out)'))
    .addOption(new Option('--tag <name>', 'the tag that rules see').conflicts('ref'))
    .addOption(
      new Option(
        '--event <name>',
        'why the pipeline runs, as in CI_PIPELINE_SOURCE (default: push)',
      ).argParser(oneOf(PIPELINE_SOURCES)),
    )
    .addOption(
      new Option('--source <name>', 'the same')
        .argParser(oneOf(PIPELINE_SOURCES))
        .conflicts('event')
        .hideHelp(),
    )
    .option(
      '--target-branch <name>',
      'the target branch of a merge request (with --event merge_request_event)',
    )
    .option('--variable <K=V>', 'a pipeline variable, as a trigger sends it; repeatable', collectPair, {})
    .option('--variables-file <path>', 'project variables, YAML or JSON')
    .option('--input <K=V>', 'a value for spec:inputs; repeatable', collectPair, {})
    .option('--cwd <dir>', 'the repository, or a folder in it', '.')
    .option('--state <dir>', 'where database, logs and artifacts are kept')
}

function situationOptions(command: Command): Command {
  return eventOptions(command)
    .option('--file <path>', 'the CI file (default: .gitlab-ci.yml)')
    .option('--sha <rev>', "that commit's files instead of the working tree's")
}
