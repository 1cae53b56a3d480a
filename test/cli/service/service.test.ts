import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../../src/cli/context.ts'
import {
  serviceInstall,
  serviceStatus,
  serviceUninstall,
  type ServiceMachine,
} from '../../../src/cli/service/service.ts'
import { unitText, type UnitOptions } from '../../../src/cli/service/unit.ts'
import { temporaryFolder } from '../../support/state-folder.ts'

const UNIT: UnitOptions = {
  scope: 'system',
  runAs: 'ci',
  node: '/usr/bin/node',
  entry: '/opt/sluice/dist/main.js',
  config: '/srv/ci/runner.config.yaml',
  state: undefined,
  path: '/usr/local/bin:/usr/bin:/bin',
}

function valueOf(unit: string, key: string): string[] {
  return unit.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
}

describe('the unit', () => {
  it('speaks with systemd, can be reloaded and is watched', () => {
    const unit = unitText(UNIT)
    const keys = [
      'Type',
      'NotifyAccess',
      'User',
      'ExecStart',
      'ExecReload',
      'WatchdogSec',
      'Restart',
      // systemd.service(5): what is a mistake of the configuration is not tried again.
      'RestartPreventExitStatus',
      'StartLimitIntervalSec',
      'WantedBy',
      'Delegate',
    ]
    expect(Object.fromEntries(keys.map((key) => [key, valueOf(unit, key)[0]]))).toEqual({
      Type: 'notify',
      NotifyAccess: 'all',
      User: 'ci',
      ExecStart: '/usr/bin/node /opt/sluice/dist/main.js serve --config /srv/ci/runner.config.yaml',
      ExecReload: '/bin/kill -HUP $MAINPID',
      WatchdogSec: '60',
      Restart: 'on-failure',
      RestartPreventExitStatus: '2',
      StartLimitIntervalSec: '0',
      WantedBy: 'multi-user.target',
      Delegate: 'yes',
    })
  })

  it('of a user has neither user nor what only root may ask for', () => {
    const unit = unitText({ ...UNIT, scope: 'user', state: '/home/a/state' })
    expect(valueOf(unit, 'WantedBy')).toEqual(['default.target'])
    expect(valueOf(unit, 'ExecStart')[0]).toMatch(/ --state \/home\/a\/state$/)
    for (const key of ['User', 'ProtectSystem', 'CapabilityBoundingSet'])
      expect([key, valueOf(unit, key)]).toEqual([key, []])
  })

  it.each([
    'RestrictNamespaces',
    'ProtectProc',
    'ProtectKernelTunables',
    'ProtectHostname',
    'PrivateUsers',
    'ProtectHome',
    'MemoryDenyWriteExecute',
    'ProtectControlGroups',
  ])('lets the sandbox work: no %s', (key) => expect(valueOf(unitText(UNIT), key)).toEqual([]))

  it('quotes what systemd would read otherwise', () => {
    const unit = unitText({ ...UNIT, config: '/srv/100% my "ci"/a$b.yaml' })
    expect(valueOf(unit, 'ExecStart')[0]).toContain('--config "/srv/100%% my \\"ci\\"/a$$b.yaml"')
  })
})

function around(): { context: CommandContext; out: string[]; err: string[]; home: string; config: string } {
  const home = temporaryFolder()
  const [out, err]: [string[], string[]] = [[], []]
  const config = join(home, 'runner.config.yaml')
  writeFileSync(config, 'projects: []\n')
  const context: CommandContext = {
    version: '1.0.0',
    packageRoot: home,
    entry: '/opt/sluice/dist/main.js',
    env: { XDG_CONFIG_HOME: join(home, 'config'), PATH: '/usr/bin' },
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    stdoutIsTerminal: false,
    elapsed: () => 0,
    outlive: () => undefined,
  }
  return { context, out, err, home, config }
}

function machine(more: Partial<ServiceMachine> = {}): ServiceMachine & { readonly calls: string[] } {
  const calls: string[] = []
  return {
    calls,
    isManaged: () => true,
    systemUnits: '/nowhere',
    isRoot: false,
    systemctl(args) {
      calls.push(args.join(' '))
      return { exitCode: 0, output: 'active' }
    },
    ...more,
  }
}

const FLAGS = { user: true, name: 'sluice', start: true, print: false }

it('is installed, looked at and removed', async () => {
  const { context, out, home, config } = around()
  const systemd = machine()
  const file = join(home, 'config/systemd/user/sluice.service')
  expect(await serviceInstall({ ...FLAGS, config }, context, systemd)).toBe(0)
  expect(valueOf(readFileSync(file, 'utf8'), 'ExecStart')[0]).toContain(config)
  expect(systemd.calls).toEqual([
    '--user daemon-reload',
    '--user enable sluice.service',
    '--user restart sluice.service',
  ])
  out.length = 0
  expect(await serviceStatus({ ...FLAGS, json: true }, context, systemd)).toBe(0)
  expect(JSON.parse(out.join(''))).toEqual({
    schema: 1,
    installed: true,
    file,
    enabled: 'active',
    active: 'active',
  })
  expect(await serviceUninstall(FLAGS, context, systemd)).toBe(0)
  expect(existsSync(file)).toBe(false)
  expect(systemd.calls.slice(-3)).toEqual([
    '--user disable --now sluice.service',
    '--user daemon-reload',
    '--user reset-failed sluice.service',
  ])
  expect(await serviceUninstall(FLAGS, context, systemd)).toBe(2)
})

it('is printed without a machine that could run it', async () => {
  const { context, out, config } = around()
  const systemd = machine({ isManaged: () => false })
  expect(await serviceInstall({ ...FLAGS, config, print: true }, context, systemd)).toBe(0)
  expect(out.join('')).toContain('[Service]\nType=notify\n')
  expect(systemd.calls).toEqual([])
})

it.each([
  [{ isManaged: () => false }, {}, 6, 'systemd does not run on this machine'],
  [{}, { user: false }, 6, "the system's services are root's"],
  [{}, { name: '../x' }, 2, '"../x" cannot be the name of a unit'],
  [{ systemctl: () => ({ exitCode: 1, output: 'no bus' }) }, {}, 6, 'systemctl daemon-reload: no bus'],
])('is refused where it cannot be: %#', async (here, flags, exitCode, message) => {
  const { context, err, config } = around()
  expect(await serviceInstall({ ...FLAGS, config, ...flags }, context, machine(here))).toBe(exitCode)
  expect(err.join('')).toContain(message)
})

it('a configuration with a mistake is not installed', async () => {
  const { context, err, home, config } = around()
  writeFileSync(config, 'lisen: x\n')
  expect(await serviceInstall({ ...FLAGS, config }, context, machine())).toBe(2)
  expect(err.join('')).toContain('unknown key "lisen"')
  expect(existsSync(join(home, 'config'))).toBe(false)
})
