import type { PipelineSource } from '../model/source.ts'
import type { ColorChoice } from './colors.ts'

/** The options of `sluice run`, as the command line reader hands them over. */
export interface RunFlags {
  readonly cwd: string
  readonly file?: string
  readonly ref?: string
  readonly tag?: string
  readonly sha?: string
  readonly event?: PipelineSource
  /** Alias of `event`. */
  readonly source?: PipelineSource
  /** Of the merge request. */
  readonly targetBranch?: string
  readonly variable: Readonly<Record<string, string>>
  readonly variablesFile?: string
  readonly input: Readonly<Record<string, string>>
  readonly concurrency?: number
  readonly executor?: 'auto' | 'bubblewrap' | 'shell'
  readonly network?: 'host' | 'none' | 'nat'
  readonly state?: string
  readonly json: boolean
  readonly color: ColorChoice
}
