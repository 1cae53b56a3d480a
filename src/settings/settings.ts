import { availableParallelism } from 'node:os'
import type { Diagnostic, Location, Sources } from '../shared/diagnostic.ts'
import { ALL_LIMITS, type Limits } from './limits.ts'
import { type ArtifactRules, DEFAULT_ARTIFACT_RULES } from '../model/limits.ts'
import { DEFAULT_LANGUAGE_LIMITS, type LanguageLimits } from '../model/language-limits.ts'
import { DEFAULT_ISOLATION, type ExecutorChoice, type Isolation } from '../model/isolation.ts'
import { DEFAULT_RETENTION, type RetentionRules } from '../model/retention.ts'
import type { MissedPolicy } from '../model/schedule.ts'
import type { TriggerVariables } from '../model/project.ts'
import type { TriggerLimits } from '../model/trigger.ts'
import type { Role } from '../model/user.ts'
import type { WatchRules } from '../model/watch-rules.ts'
import type { ProjectVariable } from '../model/variable.ts'

export type { ExecutorChoice }

/** `runner.config.yaml`, checked and with its defaults filled in. Paths are absolute. */
export interface Settings {
  readonly file: string | null
  readonly listen: ListenAddress
  /** Without a slash at the end; null: the address really bound. */
  readonly externalUrl: string | null
  readonly state: string | null
  readonly buildsDir: string | null
  readonly concurrency: number
  /** `executor`, `shell` and `sandbox`, where a project says nothing else. */
  readonly isolation: Isolation
  /** Bytes. */
  readonly logLimit: number
  readonly cache: CacheSettings
  readonly users: readonly UserSettings[]
  readonly projects: readonly ProjectSettings[]
  /** Files that values of the projects come from (`file:PATH`). */
  readonly secretFiles: readonly string[]
  readonly includes: IncludeSettings
  readonly language: LanguageSettings
  readonly limits: Limits
  readonly artifacts: ArtifactRules
  /** What is kept of a project's past, where the project says nothing else. */
  readonly retention: RetentionRules
  /** Null: the daemon makes no backups by itself. */
  readonly backup: BackupSettings | null
  /** The file that the daemon's log goes to; null: stdout. */
  readonly log: string | null
  /**
   * Schedules, patterns and projects that are wrong in themselves (errors) and are not among the rest; and projects whose
   * repository is not there (warnings), which are.
   */
  readonly leftOut: SettingsProblem
}

/** What a CI configuration may ask for. */
export interface LanguageSettings extends LanguageLimits {
  /** That compiling a large one may take. */
  readonly compileSeconds: number
  /** Bytes of memory for it. */
  readonly compileMemory: number
}

/** Copies of the state folder that the daemon makes by itself. */
export interface BackupSettings {
  readonly everyMs: number
  /** So many of them stay. */
  readonly keep: number
  /** Null: `backup` in the state folder. */
  readonly dir: string | null
  /** Logs and artifacts too. */
  readonly withFiles: boolean
}

/** Where the caches of jobs are kept. */
export interface CacheSettings {
  /** Null: beside the workspaces. */
  readonly dir: string | null
  /** Bytes for each project. */
  readonly maxSize: number
}

export const DEFAULT_CACHE: CacheSettings = { dir: null, maxSize: 10 * 1024 ** 3 }

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
  /** Where `path` is written. */
  readonly location: Location
  readonly defaultBranch: string | null
  /** GitLab `ci_config_path`; null: `.gitlab-ci.yml`. */
  readonly configPath: string | null
  readonly variables: readonly ProjectVariable[]
  readonly triggers: readonly TriggerSettings[]
  /** Which variables the callers of its triggers may set. */
  readonly triggerVariables: TriggerVariables
  /** Projects whose jobs reach this one with their token; null: all whose user may read it. */
  readonly jobTokenAllowlist: readonly string[] | null
  readonly schedules: readonly ScheduleSettings[]
  /** Others are declared that could not be read: those that were known before stay as they were. */
  readonly schedulesLeftOut: boolean
  /** Which branches and tags start a pipeline when they move. */
  readonly watch: WatchRules
  /** Its own `executor`, `shell` and `sandbox` over the daemon's. */
  readonly isolation: Isolation
  /** Its own `retention` over the daemon's. */
  readonly retention: RetentionRules
}

/** What can be served: a repository with files, one without, files that are under no git. */
export type RepositoryKind = 'work-tree' | 'bare' | 'folder'

/** What a project's path is; `missing`: nothing that could be served, for now. */
export type ProjectKind = RepositoryKind | 'missing'

export interface TriggerSettings {
  readonly description: string
  readonly token: string
  /** Null: legacy, it runs as nobody. */
  readonly owner: string | null
  /** Milliseconds since the epoch; null: it does not expire. */
  readonly expiresAt: number | null
  readonly limits: TriggerLimits
  /** What every request must prove that it knows; null: nothing. */
  readonly secret: string | null
  readonly location: Location
}

export interface ScheduleSettings {
  readonly description: string
  readonly cron: string
  readonly timezone: string
  readonly ref: string
  readonly active: boolean
  /** What becomes of the times that passed while nobody looked. */
  readonly missed: MissedPolicy
  readonly inputs: Readonly<Record<string, unknown>>
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
    isolation: DEFAULT_ISOLATION,
    logLimit: 1024 ** 3,
    cache: DEFAULT_CACHE,
    users: [],
    projects: [],
    secretFiles: [],
    includes: { projects: new Map(), remote: new Map(), templates: null, cache: null },
    limits: ALL_LIMITS,
    artifacts: DEFAULT_ARTIFACT_RULES,
    retention: DEFAULT_RETENTION,
    backup: null,
    log: null,
    leftOut: { diagnostics: [], sources: new Map() },
    language: { ...DEFAULT_LANGUAGE_LIMITS, compileSeconds: 30, compileMemory: 512 * 1024 ** 2 },
  }
}
