import { Option, type Command } from 'commander'
import type { Role } from '../model/user.ts'
import type { CommandContext } from './context.ts'
import { collect, oneOf, positiveInteger } from './flags.ts'
import { daemon, remote, type Done } from './program-options.ts'
import { given } from './program-pipeline.ts'
import { EXPORT_FORMATS } from './variable/export-formats.ts'

const ROLES = ['developer', 'maintainer', 'owner'] as const satisfies readonly Role[]
const SCOPES = ['api', 'read_api']

/** Adds `sluice trigger …`, `variable …`, `token …` and `user …`: who may do what in a daemon, and with what. */
export function addAccessCommands(program: Command, context: CommandContext, done: Done): void {
  addTrigger(program, context, done)
  addVariable(program, context, done)
  addToken(program, context, done)
  addUser(program, context, done)
}

function addTrigger(program: Command, context: CommandContext, done: Done): void {
  const trigger = program
    .command('trigger')
    .summary('trigger tokens: make, list, use, revoke; and what came in')
    .description("Trigger tokens of a daemon's project, and the requests that came with them.")
  const commands = () => import('./trigger/trigger-commands.ts')
  remote(trigger.command('create').summary('make a token and print it'))
    .requiredOption('--description <text>', 'what it is for')
    .option('--expires-at <date>', 'the day on which it ends: 2027-01-31')
    .option('--owner <user>', 'as whom its pipelines run (default: whose access token this is)')
    .option(
      '--allow-ref <pattern>',
      'only these branches and tags; * stands for anything; repeatable',
      collect,
      [],
    )
    .action(async (flags: object) => {
      const { triggerCreate } = await commands()
      done(await triggerCreate(flags as Parameters<typeof triggerCreate>[0], context))
    })
  remote(trigger.command('list').summary('all tokens of a project'))
    .option('--show-tokens', 'in full, those that are yours', false)
    .action(async (flags: object) => {
      const { triggerList } = await commands()
      done(await triggerList(flags as Parameters<typeof triggerList>[0], context))
    })
  given(remote(trigger.command('run').summary('trigger a pipeline, as `glab ci run-trig`')))
    .option('-t, --token <token>', 'a trigger token (default: CI_JOB_TOKEN)')
    .option(
      '--timeout <seconds>',
      'with --wait: how long (default: 600); then the exit code is 124',
      positiveInteger,
    )
    .option('--dry-run', 'only print the jobs that would run', false)
    .action(async (flags: object) => {
      const { triggerRun } = await import('./trigger/run-trigger.ts')
      done(await triggerRun(flags as Parameters<typeof triggerRun>[0], context))
    })
  remote(trigger.command('revoke').summary('end a token for good'))
    .argument('<ID>', 'number of a trigger', positiveInteger)
    .action(async (id: number, flags: object) => {
      const { triggerRevoke } = await commands()
      done(await triggerRevoke(id, flags, context))
    })
  remote(trigger.command('log').summary('the requests that came in, refused ones with the true reason'))
    .argument('[ID]', 'one request, in full', positiveInteger)
    .addOption(new Option('--replay <id>', 'send a recorded request again').argParser(positiveInteger))
    .option('--trigger <id>', 'only of this trigger', positiveInteger)
    .addOption(new Option('--only <what>', 'accepted or refused ones').choices(['accepted', 'refused']))
    .option('-n, --limit <n>', 'how many', positiveInteger, 20)
    .action(async (id: number | undefined, flags: object) => {
      const { triggerLog } = await import('./trigger/trigger-log.ts')
      done(await triggerLog(id, flags as Parameters<typeof triggerLog>[1], context))
    })
}

function addVariable(program: Command, context: CommandContext, done: Done): void {
  const variable = program
    .command('variable')
    .summary('project variables: set, get, list, delete, export')
    .description("Variables of a daemon's project.")
  const commands = () => import('./variable/variable-commands.ts')
  const scoped = (command: Command): Command =>
    remote(command).option('-s, --scope <environment>', 'the environments it is for: production, review/*')
  const keyed = (name: string, summary: string): Command =>
    scoped(variable.command(name).summary(summary)).argument('<KEY>')
  keyed('set', 'make or change a variable')
    .argument('[VALUE]', 'without one: what stands on stdin')
    .option('-m, --masked', '[MASKED] in logs')
    .option('--no-masked', 'shown in logs')
    .option('-p, --protected', 'only for protected branches and tags')
    .option('--no-protected', 'for all branches and tags')
    .option('-r, --raw', 'other variables in it are not expanded')
    .option('--no-raw', 'other variables in it are expanded')
    .option('--file', 'jobs get a file with the value, and its path')
    .option('--no-file', 'jobs get the value')
    .option('--hidden', 'with a new one: masked, and never shown again')
    .option('--description <text>', 'what it is for')
    .action(async (key: string, value: string | undefined, flags: object) => {
      const { variableSet } = await commands()
      done(await variableSet(key, value, flags, context))
    })
  keyed('get', 'print the value').action(async (key: string, flags: object) => {
    const { variableGet } = await commands()
    done(await variableGet(key, flags, context))
  })
  keyed('delete', 'remove a variable').action(async (key: string, flags: object) => {
    const { variableDelete } = await commands()
    done(await variableDelete(key, flags, context))
  })
  scoped(variable.command('list').summary('all variables, without their values')).action(
    async (flags: object) => {
      const { variableList } = await commands()
      done(await variableList(flags, context))
    },
  )
  scoped(variable.command('export').summary('keys and values'))
    .addOption(new Option('--format <name>', 'what for').choices(EXPORT_FORMATS).default('env'))
    .action(async (flags: object) => {
      const { variableExport } = await commands()
      done(await variableExport(flags as Parameters<typeof variableExport>[0], context))
    })
}

function addToken(program: Command, context: CommandContext, done: Done): void {
  const token = program
    .command('token')
    .summary('access tokens: make, list, revoke')
    .description('Access tokens of a daemon, for its API and for SLUICE_TOKEN.')
  const commands = () => import('./token/token-commands.ts')
  daemon(token.command('create').summary('make a token and print it, this once'))
    .argument('<NAME>', 'what it is for')
    .option(
      '--scope <name>',
      'api (default) or read_api; repeatable',
      (text: string, before: readonly string[]) => collect(oneOf(SCOPES)(text), before),
      [],
    )
    .option('--expires-at <date>', 'the day on which it ends: 2027-01-31')
    .option('--description <text>', 'more about it')
    .option('--user <name>', 'whose it is (default: yours)')
    .action(async (name: string, flags: object) => {
      const { tokenCreate } = await commands()
      done(await tokenCreate(name, flags as Parameters<typeof tokenCreate>[1], context))
    })
  daemon(token.command('list').summary('the tokens that work'))
    .option('--all', 'also those that are revoked or over', false)
    .action(async (flags: object) => {
      const { tokenList } = await commands()
      done(await tokenList(flags as Parameters<typeof tokenList>[0], context))
    })
  daemon(token.command('revoke').summary('end a token for good'))
    .argument('<ID>', 'number of a token', positiveInteger)
    .action(async (id: number, flags: object) => {
      const { tokenRevoke } = await commands()
      done(await tokenRevoke(id, flags, context))
    })
}

function addUser(program: Command, context: CommandContext, done: Done): void {
  const user = program
    .command('user')
    .summary('users and their roles: create, list, block, grant, revoke')
    .description('Users of a daemon, and their roles in its projects.')
  const commands = () => import('./user/user-commands.ts')
  daemon(user.command('create').summary('add a user'))
    .argument('<USERNAME>')
    .option('--name <text>', "the person's name")
    .option('--email <address>', 'for GITLAB_USER_EMAIL')
    .action(async (username: string, flags: object) => {
      const { userCreate } = await commands()
      done(await userCreate(username, flags, context))
    })
  remote(user.command('list').summary('all users; with --project those with a role in it')).action(
    async (flags: object) => done(await (await commands()).userList(flags, context)),
  )
  for (const blocked of [true, false]) {
    const [name, summary] = blocked
      ? ['block', 'tokens, sessions and triggers of the user stop working']
      : ['unblock', 'take that back']
    daemon(user.command(name).summary(summary))
      .argument('<USER>', 'name or number')
      .action(async (wanted: string, flags: object) =>
        done(await (await commands()).userBlock(wanted, blocked, flags, context)),
      )
  }
  remote(user.command('grant').summary('give a role in a project'))
    .argument('<USER>', 'name or number')
    .argument('<ROLE>', ROLES.join(', '), oneOf(ROLES))
    .action(async (wanted: string, role: Role, flags: object) =>
      done(await (await commands()).userGrant(wanted, role, flags, context)),
    )
  remote(user.command('revoke').summary('take the role in a project away'))
    .argument('<USER>', 'name or number')
    .action(async (wanted: string, flags: object) =>
      done(await (await commands()).userRevoke(wanted, flags, context)),
    )
}
