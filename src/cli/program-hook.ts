import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import type { Done } from './program-options.ts'

/** `sluice hook install`, `sluice hook remove`. */
export function addHookCommands(program: Command, context: CommandContext, done: Done): void {
  const hook = program.command('hook').summary('git hooks that tell Sluice what it cannot see itself')
  hook
    .command('install')
    .summary('write the hooks of a repository that is pushed to')
    .description(
      'With --push-options: write pre-receive and post-receive hooks that note the options of git push (-o ci.skip, ' +
        '-o ci.variable="K=V", -o ci.input="name=value") for the watcher, and set receive.advertisePushOptions to true in the ' +
        "repository's configuration. A hook that is not Sluice's stays as it is; the line to add is printed.",
    )
    .argument('[REPO]', 'a bare repository or a work tree', '.')
    .option('--push-options', 'note the options of pushes', false)
    .action(async (repository: string, flags: { pushOptions: boolean }) => {
      const { installHookCommand } = await import('./hook/install-push-hook.ts')
      done(await installHookCommand(repository, flags, context))
    })
  hook
    .command('remove')
    .summary('take away what `hook install` wrote')
    .description(
      "With --push-options: delete Sluice's pre-receive and post-receive, what they noted, and receive.advertisePushOptions. A hook that is " +
        "not Sluice's stays as it is; the line to delete is printed.",
    )
    .argument('[REPO]', 'a bare repository or a work tree', '.')
    .option('--push-options', 'the hooks that note the options of pushes', false)
    .action(async (repository: string, flags: { pushOptions: boolean }) => {
      const { removeHookCommand } = await import('./hook/remove-push-hook.ts')
      done(await removeHookCommand(repository, flags, context))
    })
}
