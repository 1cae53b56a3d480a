import { type Command, Option } from 'commander'
import { PIPELINE_SOURCES } from '../model/source.ts'
import type { CommandContext } from './context.ts'
import { collectPair, oneOf, positiveInteger } from './flags.ts'
import { colorOption, executorOption, networkOption, type Done } from './program-options.ts'

/** `sluice watch`. */
export function addWatchCommand(program: Command, context: CommandContext, done: Done): void {
  program
    .command('watch')
    .summary('run jobs again when a file is saved that touches them')
    .description(
      'Watch the working tree and run, at every save, the jobs that it touches and what needs them: jobs whose rules:changes, ' +
        'rules:exists, scripts or declared inputs name the file, and those that a saved CI file changes. With JOBs: only these and ' +
        'what they need; one that names no file runs at every save. Keys, each with enter: a all, f failed, p pick a job, enter ' +
        'alone again, q quit.',
    )
    .argument('[JOB...]', 'only these jobs')
    .option('--cwd <dir>', 'the repository, or a folder in it', '.')
    .option('--file <path>', 'the CI file (default: .gitlab-ci.yml)')
    .option('--ref <name>', 'the branch that rules see (default: the one checked out)')
    .addOption(
      new Option(
        '--event <name>',
        'why the pipeline runs, as in CI_PIPELINE_SOURCE (default: push)',
      ).argParser(oneOf(PIPELINE_SOURCES)),
    )
    .option('--target-branch <name>', 'with --event merge_request_event: the branch to merge into')
    .option('--variable <K=V>', 'a pipeline variable, as a trigger sends it; repeatable', collectPair, {})
    .option('--variables-file <path>', 'project variables, YAML or JSON')
    .option('--input <K=V>', 'a value for spec:inputs; repeatable', collectPair, {})
    .option('--concurrency <n>', 'jobs at a time (default: number of cores, at least 4)', positiveInteger)
    .addOption(executorOption())
    .addOption(networkOption())
    .option('--state <dir>', 'where database, logs and artifacts are kept')
    .option('--json', 'one JSON object per line; job output goes to the log files only', false)
    .addOption(colorOption())
    .action(async (jobs: string[], flags: object) => {
      const { watchCommand } = await import('./watch/watch.ts')
      done(await watchCommand(jobs, flags as Parameters<typeof watchCommand>[1], context))
    })
}
