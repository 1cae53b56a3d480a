import { Option, type Command } from 'commander'
import { MISSED_POLICIES } from '../model/schedule.ts'
import type { CommandContext } from './context.ts'
import { collectPair, positiveInteger } from './flags.ts'
import { remote, type Done } from './program-options.ts'
import type * as schedules from './schedule/commands.ts'

type Commands = typeof schedules

/** Adds `sluice schedule …`. */
export function addScheduleCommands(program: Command, context: CommandContext, done: Done): void {
  const schedule = program
    .command('schedule')
    .summary('schedules: list, make, run, pause, delete, and when a cron expression runs')
    .description(
      "Schedules of a daemon, and when a cron expression of GitLab's grammar runs (`next`, which needs no daemon).",
    )
  addNext(schedule, context, done)

  const commands = (): Promise<Commands> => import('./schedule/commands.ts')
  remote(schedule.command('list').summary('all schedules of a project')).action(async (flags: object) =>
    done(await (await commands()).scheduleList(flags, context)),
  )
  remote(schedule.command('create').summary('make a schedule'))
    .argument('<CRON>', 'five fields, as in GitLab: "0 4 * * *"')
    .requiredOption('--ref <name>', 'the branch or tag it runs on')
    .requiredOption('--description <text>', 'what it is for')
    .option('--timezone <name>', 'IANA or Rails name', 'UTC')
    .option('--variable <K=V>', 'a variable of its pipelines; repeatable', collectPair, {})
    .option('--inactive', 'make it paused', false)
    .addOption(
      new Option('--missed <policy>', 'what becomes of runs missed while nothing ran')
        .choices(MISSED_POLICIES)
        .default('once'),
    )
    .action(async (cron: string, flags: object) => {
      const { scheduleCreate } = await commands()
      done(await scheduleCreate(cron, flags as Parameters<typeof scheduleCreate>[1], context))
    })
  const ofOne: [string, string, (all: Commands, id: number, flags: object) => Promise<number>][] = [
    ['run', 'make its pipeline now', (all, id, flags) => all.scheduleRun(id, flags, context)],
    ['pause', 'let it rest', (all, id, flags) => all.scheduleActivate(id, false, flags, context)],
    ['resume', 'let it run again', (all, id, flags) => all.scheduleActivate(id, true, flags, context)],
    ['delete', 'remove it', (all, id, flags) => all.scheduleDelete(id, flags, context)],
  ]
  for (const [name, summary, act] of ofOne) {
    remote(schedule.command(name).summary(summary))
      .argument('<ID>', 'id of a schedule', positiveInteger)
      .action(async (id: number, flags: object) => done(await act(await commands(), id, flags)))
  }
}

function addNext(schedule: Command, context: CommandContext, done: Done): void {
  schedule
    .command('next')
    .summary('when a cron expression runs')
    .argument('<CRON>', 'five fields, as in GitLab: "30 2 * * mon#1"')
    .option('--timezone <name>', 'IANA or Rails name', 'UTC')
    .option('-n, --count <n>', 'how many runs', positiveInteger, 5)
    .option('--json', 'one JSON object', false)
    .action(async (cron: string, flags: object) => {
      const { scheduleNextCommand } = await import('./schedule/next.ts')
      done(scheduleNextCommand(cron, flags as Parameters<typeof scheduleNextCommand>[1], context))
    })
}
