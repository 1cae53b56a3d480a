import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { daemonOf } from '../../platform/daemon-note.ts'
import { defaultSettings, type Settings } from '../../settings/settings.ts'
import { chooseColors, type Colors } from '../colors.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { renderFailure, type Failure } from '../failure.ts'
import { loadSettings } from '../load-settings.ts'
import { foldersOf, probeFolder, type Folders } from '../state-folder.ts'
import { checkBackups } from './backups.ts'
import { broken, fine, forUser, type Finding } from './finding.ts'
import { checkControlGroups, checkSandbox, checkShell } from './isolation.ts'
import { checkClock, checkDisk, checkInotify, checkOpenFiles, checkPort, timeOf } from './machine.ts'
import { checkGit, checkNode, checkPlatform, checkVersion } from './programs.ts'
import { checkLeftOut, checkRepositories } from './repositories.ts'
import { checkState } from './state.ts'

export interface DoctorFlags {
  readonly config?: string
  readonly state?: string
  readonly json: boolean
}

/** What is looked at: a configuration, or what holds without one. */
interface Patient {
  readonly settings: Settings
  readonly folders: Folders
  /** What is wrong with the configuration. */
  readonly problem: Failure | undefined
  readonly config: string | undefined
}

/** `sluice doctor`: looks at everything and says what would mend it. 6: something essential is missing; 2: the configuration is wrong. */
export async function doctorCommand(flags: DoctorFlags, context: CommandContext): Promise<number> {
  const patient = patientOf(flags, context)
  const findings = await examine(patient, context)
  const isUsable = !findings.some(({ level }) => level === 'error')
  if (flags.json)
    context.out(`${JSON.stringify({ schema: 1, ok: isUsable, version: context.version, findings })}\n`)
  else {
    context.out(
      findings
        .map((each) => render(each, chooseColors('auto', context.env, context.stdoutIsTerminal)))
        .join(''),
    )
    if (patient.problem) context.err(renderFailure(patient.problem))
  }
  const isMachine = findings.some(({ level, check }) => level === 'error' && check !== 'configuration')
  if (isMachine) return EXIT.machine
  return patient.problem ? patient.problem.exitCode : EXIT.success
}

function patientOf(flags: DoctorFlags, { env }: CommandContext): Patient {
  const here = existsSync('runner.config.yaml') ? 'runner.config.yaml' : undefined
  const config = flags.config ?? here
  const loaded = config === undefined ? undefined : loadSettings(config, env)
  const settings = loaded?.ok ? loaded.value.settings : defaultSettings()
  const owner = config === undefined ? resolve('.') : resolve(config)
  return {
    settings,
    folders: foldersOf(owner, flags.state ?? settings.state ?? undefined, env),
    problem: loaded && !loaded.ok ? loaded.error : undefined,
    config: config === undefined ? undefined : resolve(config),
  }
}

async function examine(
  { settings, folders, problem, config }: Patient,
  context: CommandContext,
): Promise<Finding[]> {
  const probe = probeFolder(context.env)
  const own = daemonOf(folders.stateDir)?.process.pid
  const { isolation } = settings
  return [
    checkVersion(context.version),
    checkPlatform(process.platform),
    checkNode(process.versions.node),
    ...(await Promise.all([checkGit(), checkShell(isolation, probe), checkSandbox(isolation, probe)])),
    checkControlGroups(),
    await checkPort(settings.listen, own),
    await checkDisk('state', folders.stateDir),
    await checkDisk('workspaces', settings.buildsDir ?? folders.buildsDir),
    checkClock(
      Date.now(),
      timeOf(join(context.packageRoot, 'package.json')),
      timeOf(join(folders.stateDir, 'sluice.db')),
    ),
    checkInotify(),
    checkOpenFiles(),
    ...checkState(folders.stateDir),
    ...checkBackups(settings.backup, folders.stateDir, Date.now()),
    ...(config === undefined ? [] : [configFinding(config, settings, problem)]),
    ...checkLeftOut(settings),
    ...(await checkRepositories(settings.projects)),
  ].map((finding) => forUser(finding, process.getuid?.() === 0))
}

function configFinding(config: string, { projects }: Settings, problem: Failure | undefined): Finding {
  if (!problem) return fine('configuration', `${config}: ${projects.length} projects`)
  const count = problem.problems.length
  const [first] = problem.problems
  return broken(
    'configuration',
    `${config} has ${count} ${count === 1 ? 'mistake' : 'mistakes'}: ${first?.message ?? ''}`,
    first?.help ?? 'correct it',
  )
}

function render({ check, level, message, fix }: Finding, colors: Colors): string {
  const sign =
    level === 'ok'
      ? colors.green('ok     ')
      : level === 'warning'
        ? colors.yellow('warning')
        : colors.red('error  ')
  return `${sign}  ${check.padEnd(18)} ${message}\n${fix === null ? '' : `${' '.repeat(28)}→ ${fix}\n`}`
}
