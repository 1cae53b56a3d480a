import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { configHome } from '../../platform/xdg.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { failure, renderFailure, usageFailure, type Failure } from '../failure.ts'
import { loadSettings } from '../load-settings.ts'
import { unitText } from './unit.ts'

export interface ServiceFlags {
  readonly user: boolean
  readonly name: string
}

export interface InstallFlags extends ServiceFlags {
  readonly config: string
  readonly state?: string
  readonly runAs?: string
  readonly start: boolean
  readonly print: boolean
}

/** What the commands touch of a machine. */
export interface ServiceMachine {
  /** Whether systemd runs here. */
  isManaged(): boolean
  /** The folder of the system's own unit files. */
  readonly systemUnits: string
  readonly isRoot: boolean
  /** Runs systemctl; `output` is both of its streams. */
  systemctl(args: readonly string[]): { readonly exitCode: number; readonly output: string }
}

const MACHINE: ServiceMachine = {
  isManaged: () => existsSync('/run/systemd/system'),
  systemUnits: '/etc/systemd/system',
  isRoot: process.getuid?.() === 0,
  systemctl(args) {
    const { status, stdout, stderr, error } = spawnSync('systemctl', [...args], { encoding: 'utf8' })
    return { exitCode: status ?? 127, output: error ? error.message : `${stdout}${stderr}`.trim() }
  },
}

/** `sluice service install`: writes the unit, enables and starts it. */
export async function serviceInstall(
  flags: InstallFlags,
  context: CommandContext,
  machine = MACHINE,
): Promise<number> {
  return tell(context, install(flags, context, machine))
}

function install(
  flags: InstallFlags,
  context: CommandContext,
  machine: ServiceMachine,
): Result<string, Failure> {
  const name = checkedName(flags.name)
  if (!name.ok) return name
  const loaded = loadSettings(flags.config, context.env)
  if (!loaded.ok) return loaded
  const text = unitText({
    scope: flags.user ? 'user' : 'system',
    runAs: flags.runAs ?? (context.env['SUDO_USER'] || userInfo().username),
    node: process.execPath,
    entry: resolve(context.entry),
    config: loaded.value.path,
    state: flags.state === undefined ? undefined : resolve(flags.state),
    path: context.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  })
  if (flags.print) return ok(text)
  const allowed = mayManage(flags, machine)
  if (!allowed.ok) return allowed
  const file = unitFile(flags, context, machine)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text, { mode: 0o644 })
  const unit = `${name.value}.service`
  const steps = [['daemon-reload'], ['enable', unit], ...(flags.start ? [['restart', unit]] : [])]
  for (const step of steps) {
    const { exitCode, output } = machine.systemctl([...scopeFlag(flags), ...step])
    if (exitCode === 0) continue
    const advice = `journalctl ${flags.user ? '--user ' : ''}-u ${unit} -n 30 shows what it said`
    return err(failure(EXIT.machine, 'service.failed', `systemctl ${step.join(' ')}: ${output}`, advice))
  }
  const lingers = flags.user ? '\nIt ends when you log out, unless: loginctl enable-linger' : ''
  return ok(`${file} is written and enabled${flags.start ? '; the service runs' : ''}${lingers}\n`)
}

/** `sluice service uninstall`: stops it and removes the unit. */
export async function serviceUninstall(
  flags: ServiceFlags,
  context: CommandContext,
  machine = MACHINE,
): Promise<number> {
  return tell(context, uninstall(flags, context, machine))
}

function uninstall(
  flags: ServiceFlags,
  context: CommandContext,
  machine: ServiceMachine,
): Result<string, Failure> {
  const name = checkedName(flags.name)
  if (!name.ok) return name
  const file = unitFile(flags, context, machine)
  if (!existsSync(file)) return err(usageFailure('service.missing', `there is no ${file}`))
  const allowed = mayManage(flags, machine)
  if (!allowed.ok) return allowed
  const stopped = machine.systemctl([...scopeFlag(flags), 'disable', '--now', `${name.value}.service`])
  rmSync(file)
  machine.systemctl([...scopeFlag(flags), 'daemon-reload'])
  // Else systemd goes on to speak of a unit that has failed.
  machine.systemctl([...scopeFlag(flags), 'reset-failed', `${name.value}.service`])
  const trouble = stopped.exitCode === 0 ? '' : `; systemctl said: ${stopped.output}`
  return ok(`${file} is removed${trouble}. The state folder stays.\n`)
}

/** `sluice service status`: 0 when it runs, 5 when it does not. */
export async function serviceStatus(
  flags: ServiceFlags & { readonly json: boolean },
  context: CommandContext,
  machine = MACHINE,
): Promise<number> {
  const name = checkedName(flags.name)
  if (!name.ok) return tell(context, name)
  const file = unitFile(flags, context, machine)
  const ask = (what: string): string => {
    if (!machine.isManaged()) return 'unknown'
    const [word = ''] = machine
      .systemctl([...scopeFlag(flags), what, `${name.value}.service`])
      .output.split('\n')
    return word
  }
  const facts = { installed: existsSync(file), file, enabled: ask('is-enabled'), active: ask('is-active') }
  context.out(
    flags.json
      ? `${JSON.stringify({ schema: 1, ...facts })}\n`
      : `${facts.installed ? file : `not installed (${file})`}\nenabled: ${facts.enabled}\nactive: ${facts.active}\n`,
  )
  return facts.active === 'active' ? EXIT.success : EXIT.refused
}

function tell(context: CommandContext, outcome: Result<string, Failure>): number {
  if (outcome.ok) {
    context.out(outcome.value)
    return EXIT.success
  }
  context.err(renderFailure(outcome.error))
  return outcome.error.exitCode
}

function checkedName(name: string): Result<string, Failure> {
  return /^[A-Za-z0-9:_.@-]{1,200}$/.test(name)
    ? ok(name)
    : err(usageFailure('service.name', `"${name}" cannot be the name of a unit`))
}

function mayManage(flags: ServiceFlags, machine: ServiceMachine): Result<true, Failure> {
  if (!machine.isManaged())
    return err(
      failure(
        EXIT.machine,
        'service.no_systemd',
        'systemd does not run on this machine',
        '`sluice service install --print` prints the unit for another one',
      ),
    )
  if (flags.user || machine.isRoot) return ok(true)
  return err(
    failure(
      EXIT.machine,
      'service.not_root',
      "the system's services are root's",
      'use sudo, or --user for a service of your own',
    ),
  )
}

function unitFile({ user, name }: ServiceFlags, { env }: CommandContext, machine: ServiceMachine): string {
  const folder = user ? join(configHome(env), 'systemd', 'user') : machine.systemUnits
  return join(folder, `${name}.service`)
}

function scopeFlag({ user }: ServiceFlags): string[] {
  return user ? ['--user'] : []
}
