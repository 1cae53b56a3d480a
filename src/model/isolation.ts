/** How the jobs of a project are kept apart from the machine and from each other. */
export interface Isolation {
  readonly executor: ExecutorChoice
  readonly shell: ShellChoice
  readonly sandbox: SandboxPolicy
}

export type ExecutorChoice = 'auto' | 'bubblewrap' | 'shell'

export interface ShellChoice {
  /** `auto`: bash where there is one, else sh. */
  readonly name: 'auto' | 'bash' | 'sh'
  /** Read the start-up files of a login shell, as gitlab-runner does. */
  readonly login: boolean
}

/** What a sandbox allows and how much a job may take. */
export interface SandboxPolicy {
  /** `host`: the machine's own; `none`: the job's own loopback only; `nat`: outwards through a translator, never to this machine. */
  readonly network: 'host' | 'none' | 'nat'
  readonly binds: readonly SandboxBind[]
  readonly limits: SandboxLimits
  /** Also what `binds` would otherwise not show: keys, credentials, Sluice's own state. */
  readonly allowSecrets: boolean
}

/** A file, folder or socket of this machine that jobs see under the same path. */
export interface SandboxBind {
  /** Absolute. */
  readonly path: string
  readonly writable: boolean
}

/** Of one job and everything it starts; null: no limit. */
export interface SandboxLimits {
  /** Bytes. */
  readonly memory: number | null
  /** Processes and threads. */
  readonly pids: number | null
  /** Processors; 0.5 is half of one. */
  readonly cpu: number | null
}

export const OPEN_SANDBOX: SandboxPolicy = {
  network: 'host',
  binds: [],
  limits: { memory: null, pids: null, cpu: null },
  allowSecrets: false,
}

export const DEFAULT_ISOLATION: Isolation = {
  executor: 'auto',
  shell: { name: 'auto', login: false },
  sandbox: OPEN_SANDBOX,
}
