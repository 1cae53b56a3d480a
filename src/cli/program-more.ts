import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import { addAccessCommands } from './program-access.ts'
import { addDaemonCommands } from './program-daemon.ts'
import { addJobCommands } from './program-job.ts'
import { addMachineCommands } from './program-machine.ts'
import type { Done } from './program-options.ts'
import { addPipelineCommands } from './program-pipeline.ts'
import { addScheduleCommands } from './program-schedule.ts'

/** The commands that nobody waits for in a loop. */
export function addMoreCommands(program: Command, context: CommandContext, done: Done): void {
  addJobCommands(program, context, done)
  addPipelineCommands(program, context, done)
  addScheduleCommands(program, context, done)
  addAccessCommands(program, context, done)
  addDaemonCommands(program, context, done)
  addMachineCommands(program, context, done)
}
