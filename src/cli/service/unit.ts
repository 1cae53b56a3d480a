export interface UnitOptions {
  readonly scope: 'system' | 'user'
  /** Of a system unit: whose rights it has. */
  readonly runAs: string
  /** The program of node, and our main file. */
  readonly node: string
  readonly entry: string
  /** Absolute. */
  readonly config: string
  readonly state: string | undefined
  /** Where `git` and the jobs' tools were found by whoever installs it. */
  readonly path: string
}

/**
 * The unit file. Hardened as far as bubblewrap works inside: it needs user namespaces, mounts, a new /proc and its own host name, so
 * RestrictNamespaces, ProtectProc, ProtectKernelTunables, ProtectKernelLogs, ProtectHostname, PrivateUsers and SystemCallFilter must not be
 * set, nor ProtectHome, below which repositories lie, nor ProtectControlGroups and MemoryDenyWriteExecute, against which limits of jobs and
 * node's compiler work. ProtectClock and PrivateDevices would take /dev/net/tun from `sandbox.network: nat`.
 */
export function unitText(options: UnitOptions): string {
  const { scope, runAs, node, entry, config, state, path } = options
  const command = [
    node,
    entry,
    'serve',
    '--config',
    config,
    ...(state === undefined ? [] : ['--state', state]),
  ]
  return `# Written by \`sluice service install\`; \`sluice service uninstall\` removes it.
[Unit]
Description=Sluice, CI pipelines of ${escaped(config)}
${scope === 'system' ? 'After=network.target\n' : ''}# A full disk or a port that is taken may pass: it is tried again for as long as it takes.
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify, a child process, speaks for node.
NotifyAccess=all
${scope === 'system' ? `User=${runAs}\n` : ''}Environment=${quoted(`PATH=${path}`)}
ExecStart=${command.map(quoted).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=60
TimeoutStartSec=600
# Jobs get 10 s to end after SIGTERM.
TimeoutStopSec=30
KillMode=mixed
Restart=on-failure
RestartSec=5
# A mistake in the configuration does not pass by itself.
RestartPreventExitStatus=2
UMask=0077
# Limits of jobs are control groups below this unit's own.
Delegate=yes

NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
SystemCallArchitectures=native
${scope === 'system' ? `ProtectSystem=full\nProtectKernelModules=yes\n${runAs === 'root' ? '' : 'CapabilityBoundingSet=\n'}` : ''}
[Install]
WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}
`
}

/** systemd.service(5), "Command lines": double quotes, backslashes and both kinds of expansion. */
function quoted(word: string): string {
  const plain = escaped(word).replaceAll('$', '$$$$')
  return /^[\w@:,./+=%$-]+$/.test(plain)
    ? plain
    : `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** systemd.unit(5), "Specifiers". */
function escaped(text: string): string {
  return text.replaceAll('%', '%%').replaceAll('\n', ' ')
}
