import { Command, CommanderError, Option } from 'commander'
import { PIPELINE_SOURCES } from '../model/source.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { usageFailure } from './failure.ts'
import { address, collectPair, oneOf, positiveInteger } from './flags.ts'
import { addReadCommands } from './program-read.ts'
import { colorOption, executorOption, networkOption, type Done } from './program-options.ts'
import { addHookCommands } from './program-hook.ts'
import { addWatchCommand } from './program-watch.ts'
import { finishedRecord } from './run-record.ts'

/**
 * Reads the command line and runs the command, whose module is loaded only now. Resolves with the exit code; wrong use is
 * told on stderr with what is close, and gives 2.
 */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode: number = EXIT.success
  const complaints: string[] = []
  const program = buildProgram(
    context,
    (code) => {
      exitCode = code
    },
    (text) => complaints.push(text),
    OFTEN.has(argv[0]) ? undefined : (await import('./program-more.ts')).addMoreCommands,
  )
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.success
    // A reader of `run --json` gets its last line whatever happens.
    if (argv[0] === 'run' && argv.includes('--json')) {
      const message = complaints
        .join('')
        .trim()
        .replace(/^error: /, '')
      context.out(`${JSON.stringify(finishedRecord({ errors: usageFailure('usage', message).problems }))}\n`)
    } else {
      context.err(complaints.join(''))
    }
    return EXIT.usage
  }
}

type AddCommands = (program: Command, context: CommandContext, done: Done) => void

/** What is called often, and waited for: the other commands are not even made then. */
const OFTEN: ReadonlySet<string | undefined> = new Set([
  'run',
  'watch',
  'lint',
  'list',
  'ls',
  'preview',
  'config',
  'explain',
])

function buildProgram(
  context: CommandContext,
  done: Done,
  complain: (text: string) => void,
  more: AddCommands | undefined,
): Command {
  const program = new Command('sluice')
    .description('The CI half of GitLab on one machine.')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [COMMAND]', 'print help for a command')
    // Before the commands are added: they take these over when they are made.
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: complain })
  addRun(program, context, done)
  addWatchCommand(program, context, done)
  addHookCommands(program, context, done)
  addReadCommands(program, context, done)
  addLogs(program, context, done)
  addShow(program, context, done)
  addServe(program, context, done)
  more?.(program, context, done)
  addDemo(program, context, done)
  return program
}

function addRun(program: Command, context: CommandContext, done: Done): void {
  program
    .command('run')
    .summary('run the pipeline of this repository, as the working tree is now')
    .description(
      'Run the pipeline of this repository. A clean working tree runs HEAD itself, a dirty one a snapshot of it; neither the ' +
        'working tree nor the index is touched. The exit code is 0 (passed), 1 (a job failed), 2 (wrong use), 3 (invalid CI file), ' +
        '4 (no job for this event), 6 (this machine), 130 (Ctrl+C).',
    )
    .argument('[JOB...]', 'only these jobs; a manual one is played')
    .option('--cwd <dir>', 'the repository, or a folder in it', '.')
    .option('--file <path>', 'the CI file (default: .gitlab-ci.yml)')
    .addOption(
      new Option(
        '--ref <name>',
        'the branch that rules see (default: the one checked out, HEAD when none is); files stay those of the working tree',
      ),
    )
    .addOption(
      new Option('--tag <name>', 'the tag that rules see; files stay those of the working tree').conflicts(
        'ref',
      ),
    )
    .option('--sha <rev>', "that commit's files instead of the working tree's")
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
      'with --event merge_request_event: the branch to merge into (default: the default branch)',
    )
    .option('--variable <K=V>', 'a pipeline variable, as a trigger sends it; repeatable', collectPair, {})
    .option(
      '--variables-file <path>',
      'project variables, YAML or JSON: KEY: value, or KEY: {value, masked, type, environment_scope, raw}',
    )
    .option('--input <K=V>', 'a value for spec:inputs; repeatable', collectPair, {})
    .option('--concurrency <n>', 'jobs at a time (default: number of cores, at least 4)', positiveInteger)
    .addOption(executorOption())
    .addOption(networkOption())
    .option('--state <dir>', 'where database, logs and artifacts are kept')
    .option('--json', 'one JSON object per line; job output goes to the log files only', false)
    .addOption(colorOption())
    .action(async (jobs: string[], flags: object) => {
      const { runCommand } = await import('./run.ts')
      done(await runCommand(jobs, flags as Parameters<typeof runCommand>[1], context))
    })
}

function addLogs(program: Command, context: CommandContext, done: Done): void {
  program
    .command('logs')
    .alias('trace')
    .summary('print the log of a job')
    .description(
      'Print the log of a job: by name, from the newest pipeline that has it, or by id. Without a daemon being named (--url, ' +
        'SLUICE_URL, --config, --state or --project) it is a job that `sluice run` ran in this repository.',
    )
    .argument('[JOB]', 'name or id of a job')
    .option('--pipeline <id>', 'the pipeline, when it is not the newest one', positiveInteger)
    .option('-f, --follow', 'go on printing until the job has ended', false)
    .option('--tail <n>', 'only the last lines', positiveInteger)
    .option('--failed', 'of all jobs of the pipeline that failed', false)
    .option('--cwd <dir>', 'the repository, or a folder in it', '.')
    .option('--config <file>', 'the runner.config.yaml of a daemon whose job it is')
    .option('--state <dir>', 'where database, logs and artifacts are kept')
    .option('--url <url>', 'the daemon (default: SLUICE_URL)')
    .option('--project <id|path>', 'the project in the daemon')
    .addOption(colorOption())
    .action(async (job: string | undefined, flags: object) => {
      const { logsCommand } = await import('./logs.ts')
      done(await logsCommand(job, flags as Parameters<typeof logsCommand>[1], context))
    })
}

function addShow(program: Command, context: CommandContext, done: Done): void {
  program
    .command('show')
    .summary('print why a pipeline exists')
    .description(
      'Print the provenance of a pipeline: source, trigger, caller, commit, variables with their origin, hash of its configuration.',
    )
    .argument('<ID>', 'id of a pipeline', positiveInteger)
    .option('--cwd <dir>', 'the repository, or a folder in it', '.')
    .option('--config <file>', 'the runner.config.yaml of a daemon whose pipeline it is')
    .option('--state <dir>', 'where database, logs and artifacts are kept')
    .option('--json', 'one JSON object, as the API answers it', false)
    .action(async (id: number, flags: object) => {
      const { showCommand } = await import('./show.ts')
      done(await showCommand(id, flags as Parameters<typeof showCommand>[1], context))
    })
}

function addServe(program: Command, context: CommandContext, done: Done): void {
  program
    .command('serve')
    .summary("the daemon: GitLab's trigger API, and pages")
    .description(
      'Serve the projects of a runner.config.yaml: the trigger API under /api/v4, and pages for people.',
    )
    .option('--config <file>', 'the configuration', 'runner.config.yaml')
    .addOption(
      new Option(
        '--listen <host:port>',
        'where to answer (default: 127.0.0.1:8929); port 0 picks a free one',
      ).argParser(address),
    )
    .option('--state <dir>', 'where database, logs and artifacts are kept')
    .addOption(executorOption())
    .addOption(colorOption())
    .action(async (flags: object) => {
      const { serveCommand } = await import('./serve.ts')
      done(await serveCommand(flags as Parameters<typeof serveCommand>[0], context))
    })
}

function addDemo(program: Command, context: CommandContext, done: Done): void {
  program
    .command('demo')
    .summary('see it work: the daemon on two small projects, triggered twice by curl')
    .description(
      'Start the daemon on two packaged projects, trigger a pipeline with curl, once plain and once with UPLOAD_TO_S3, and follow both.',
    )
    .option('--once', 'end when both pipelines have; exit 0 only if both did what they should', false)
    .addOption(colorOption())
    .action(async (flags: object) => {
      const { demoCommand } = await import('./demo.ts')
      done(await demoCommand(flags as Parameters<typeof demoCommand>[0], context))
    })
}
