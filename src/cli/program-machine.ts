import type { Command } from 'commander'
import type { CommandContext } from './context.ts'

type Done = (exitCode: number) => void

/** Adds the commands about this machine: what it lacks, the service, backups of a state folder. */
export function addMachineCommands(program: Command, context: CommandContext, done: Done): void {
  addDoctor(program, context, done)
  addService(program, context, done)
  addBackup(program, context, done)
  addRestore(program, context, done)
}

function addDoctor(program: Command, context: CommandContext, done: Done): void {
  program
    .command('doctor')
    .summary('what this machine lacks, and what would mend it')
    .description(
      'Look at what Sluice needs of this machine: git, shells, the sandbox (tried for real), control groups, port, disk, clock, state ' +
        'folder, limits. The exit code is 6 when something essential is missing, 2 when the configuration has a mistake, else 0.',
    )
    .option('--config <file>', 'check this runner.config.yaml too, and the folders that it names')
    .option('--state <dir>', 'the state folder to look at')
    .option('--json', 'one JSON object', false)
    .action(async (flags: object) => {
      const { doctorCommand } = await import('./doctor/doctor.ts')
      done(await doctorCommand(flags as Parameters<typeof doctorCommand>[0], context))
    })
}

function addService(program: Command, context: CommandContext, done: Done): void {
  const service = program
    .command('service')
    .summary('`sluice serve` as a systemd service: install, uninstall, status')
    .description('Run `sluice serve` as a service of systemd, of the system or, with --user, of yourself.')
  const commands = () => import('./service/service.ts')
  const named = (command: Command): Command =>
    command
      .option('--user', "in your own systemd instead of the system's", false)
      .option('--name <name>', 'name of the unit', 'sluice')
  named(service.command('install').summary('write the unit, enable and start it'))
    .option('--config <file>', 'the configuration', 'runner.config.yaml')
    .option('--state <dir>', 'where database, logs and artifacts are kept')
    .option('--run-as <user>', 'the user whose rights it has (default: who called sudo, else you)')
    .option('--no-start', 'enable it without starting it now')
    .option('--print', 'print the unit and do nothing', false)
    .action(async (flags: object) => {
      const { serviceInstall } = await commands()
      done(await serviceInstall(flags as Parameters<typeof serviceInstall>[0], context))
    })
  named(service.command('uninstall').summary('stop it and remove the unit')).action(async (flags: object) => {
    const { serviceUninstall } = await commands()
    done(await serviceUninstall(flags as Parameters<typeof serviceUninstall>[0], context))
  })
  named(service.command('status').summary('whether it is installed, enabled and running'))
    .option('--json', 'one JSON object', false)
    .action(async (flags: object) => {
      const { serviceStatus } = await commands()
      done(await serviceStatus(flags as Parameters<typeof serviceStatus>[0], context))
    })
}

function addBackup(program: Command, context: CommandContext, done: Done): void {
  stateFlags(
    program
      .command('backup')
      .summary('copy a state folder into one file, also while the daemon runs')
      .description(
        'Copy database and key of a state folder into one zip, consistent also while a daemon runs. It holds no token in plain text.',
      )
      .argument('[DIR|FILE]', 'a folder, or the file to be made (default: `backup` in the state folder)')
      .option('--with-files', 'logs and artifacts too', false),
  )
    .option('--json', 'one JSON object', false)
    .action(async (target: string | undefined, flags: object) => {
      const { backupCommand } = await import('./backup-command.ts')
      done(await backupCommand(target, flags as Parameters<typeof backupCommand>[1], context))
    })
}

function addRestore(program: Command, context: CommandContext, done: Done): void {
  stateFlags(
    program
      .command('restore')
      .summary('make a state folder from a backup')
      .description(
        'Make a state folder from what `sluice backup` made, or put back the database that an upgrade has copied. ' +
          'Refused while something works on the folder, and for a folder that is not empty unless --force is given.',
      )
      .argument('<FILE>', 'the backup')
      .option('--force', 'keep what is there beside it, and put the backup in its place', false),
  ).action(async (file: string, flags: object) => {
    const { restoreCommand } = await import('./restore-command.ts')
    done(await restoreCommand(file, flags as Parameters<typeof restoreCommand>[1], context))
  })
}

function stateFlags(command: Command): Command {
  return command
    .option('--state <dir>', 'the state folder')
    .option('--config <file>', 'the runner.config.yaml of the daemon whose state folder it is')
}

/** Adds `sluice config schema`, for editors. */
export function addConfigSchema(config: Command, context: CommandContext, done: Done): void {
  config
    .command('schema')
    .summary('print the JSON Schema of runner.config.yaml')
    .action(async () => {
      const { configSchema } = await import('../settings/schema.ts')
      context.out(`${JSON.stringify(configSchema(), null, 2)}\n`)
      done(0)
    })
}
