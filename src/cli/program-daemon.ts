import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import { daemon, type Done } from './program-options.ts'

/** Adds `sluice project …`, `reload` and `open`. */
export function addDaemonCommands(program: Command, context: CommandContext, done: Done): void {
  const project = program
    .command('project')
    .summary('the projects that a daemon serves')
    .description('Projects of a daemon.')
  daemon(project.command('list').summary('all that you may see')).action(async (flags: object) => {
    const { projectList } = await import('./project/project-list.ts')
    done(await projectList(flags, context))
  })
  daemon(
    program
      .command('reload')
      .summary('have the daemon read its configuration anew')
      .description('Check the runner.config.yaml of the daemon that runs here, and have it read anew.'),
  ).action(async (flags: object) => {
    const { reloadCommand } = await import('./reload.ts')
    done(await reloadCommand(flags, context))
  })
  daemon(
    program
      .command('open')
      .summary('log a browser in to the pages of the daemon')
      .description('Print a link that logs one browser in, once, and open it where there is a screen.'),
  )
    .option('--no-browser', 'only print it')
    .action(async (flags: object) => {
      const { openCommand } = await import('./open.ts')
      done(await openCommand(flags as Parameters<typeof openCommand>[0], context))
    })
}
