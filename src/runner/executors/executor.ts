import type { Exit } from '../../platform/process.ts'
import type { Result } from '../../shared/result.ts'
import type { SandboxPolicy } from '../../model/isolation.ts'
import type { JobShell } from '../script/shell.ts'

/** Where and how the scripts of a job run. One object serves all jobs of a process, several at a time. */
export interface Executor {
  readonly name: 'bubblewrap' | 'shell'
  readonly shell: JobShell
  /** What keeps the jobs in; undefined: nothing does. */
  readonly sandbox?: SandboxPolicy
  /** Sentences that the log of every job says. */
  readonly notices: readonly string[]
  /** The isolation that really holds, as the job's record and log state it: `shell`, `bubblewrap (user,pid,ipc,uts; …)`. */
  readonly isolation: string
  /** How a job will see its folders. Starts nothing. */
  prepare(place: BuildPlace): BuildEnvironment
}

/** What lies on this machine for one job. Absolute paths. */
export interface BuildPlace {
  readonly folders: HostFolders
  readonly repository: HostRepository
  /** `namespace/project`: the project folder's path below the builds folder, where the executor can choose it. */
  readonly projectPath: string
  /** Private folders of this job alone, empty when it begins. */
  readonly scratch: { readonly temp: string; readonly home: string }
  /** Files and folders that no job may see. */
  readonly hide: readonly string[]
}

export interface HostFolders {
  /** All workspaces. */
  readonly builds: string
  readonly project: string
  /** `<project>.tmp`: file variables and `$GITLAB_ENV`. */
  readonly temp: string
}

export interface HostRepository {
  /** Sluice's mirror, a bare repository. */
  readonly gitDir: string
  /** Its object folder, then every folder that this one borrows from. */
  readonly objects: readonly string[]
}

/** The same folders by the names that the job knows. */
export interface BuildEnvironment {
  readonly buildsDir: string
  readonly projectDir: string
  readonly tempDir: string
  readonly repository: HostRepository
  /** Folders that the executor itself makes in the scratch home, relative to it. They stay empty. */
  readonly mountPoints: readonly string[]
  /** Lines of shell that every script begins with; may be empty. */
  readonly prologue: string
  /**
   * Starts the job's shell with the given descriptors as its input and its outputs; they stay the caller's to close. May be
   * called again when the script before has ended. The error is why nothing was started.
   */
  start(descriptors: ScriptDescriptors): Promise<Result<RunningScript, string>>
}

export interface ScriptDescriptors {
  readonly script: number
  readonly output: number
  /** A descriptor that reads the given bytes from its beginning; the executor closes it. */
  file(content: string | Uint8Array): number
}

export interface RunningScript {
  /** Ending this process ends the script. */
  readonly pid: number
  /** Processes that work for the script and are not below that one. They end with it. */
  readonly helpers?: readonly number[]
  /** An error is a failure of the executor, not of the script. */
  readonly ended: Promise<Result<Exit, string>>
  /** SIGTERM to everything the script started. */
  terminate(): void
  /** SIGKILL to everything the script started that can be found. */
  kill(): void
  /** After `ended`: kills what the script left running; resolves when it is gone, as far as it can be found, with the setting whose limit the script has met. */
  sweep(): Promise<string | null>
}
