import { availableParallelism } from 'node:os'
import type { Diagnostic, Location, Sources } from '../shared/diagnostic.ts'
import type { Role } from '../model/user.ts'
import type { ProjectVariable } from '../model/variable.ts'

export type ExecutorChoice = 'auto' | 'bubblewrap' | 'shell'

/** `runner.config.yaml`, checked and with its defaults filled in. Paths are absolute. */
export interface Settings {
  readonly file: string | null
  readonly listen: ListenAddress
  /** Without a slash at the end; null: the address really bound. */
  readonly externalUrl: string | null
  readonly state: string | null
  readonly buildsDir: string | null
  readonly concurrency: number
  readonly executor: ExecutorChoice
  /** Bytes. */
  readonly logLimit: number
  readonly users: readonly UserSettings[]
  readonly projects: readonly ProjectSettings[]
  readonly includes: IncludeSettings
}

/** Where files of `include` come from that lie in no served project; nothing is ever fetched. Paths are absolute. */
export interface IncludeSettings {
  /** A git repository or a plain folder for each project, by its full path in small letters. */
  readonly projects: ReadonlyMap<string, string>
  /** The folder that stands for `https://HOST/`, by host. */
  readonly remote: ReadonlyMap<string, string>
  /** The folder of GitLab's templates. */
  readonly templates: string | null
  /** A folder with `remote/`, `templates/`, `projects/` and `components/` below it. */
  readonly cache: string | null
}

export interface ListenAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

export interface UserSettings {
  readonly username: string
  readonly name: string
  readonly email: string
  /** Role by project id. */
  readonly projects: ReadonlyMap<number, Role>
}

export interface ProjectSettings {
  readonly id: number
  /** `namespace/project`. */
  readonly name: string
  readonly path: string
  readonly kind: ProjectKind
  readonly defaultBranch: string | null
  readonly variables: readonly ProjectVariable[]
  readonly triggers: readonly TriggerSettings[]
  readonly schedules: readonly ScheduleSettings[]
}

/** What a project's path is: a repository with files, one without, or files that are under no git. */
export type ProjectKind = 'work-tree' | 'bare' | 'folder'

export interface TriggerSettings {
  readonly description: string
  readonly token: string
  /** Null: legacy, it runs as nobody. */
  readonly owner: string | null
  readonly location: Location
}

export interface ScheduleSettings {
  readonly description: string
  readonly cron: string
  readonly timezone: string
  readonly ref: string
  readonly active: boolean
  readonly variables: readonly ProjectVariable[]
  readonly location: Location
}

/** Every problem of a file, in order of position, and the text for code frames. */
export interface SettingsProblem {
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: Sources
}

/** The one user of an installation whose configuration names none. */
export const LOCAL_USERNAME = 'root'

/** What holds without a configuration file. */
export function defaultSettings(): Settings {
  return {
    file: null,
    listen: { host: '127.0.0.1', port: 8929 },
    externalUrl: null,
    state: null,
    buildsDir: null,
    concurrency: Math.max(4, availableParallelism()),
    executor: 'auto',
    logLimit: 1024 ** 3,
    users: [],
    projects: [],
    includes: { projects: new Map(), remote: new Map(), templates: null, cache: null },
  }
}
