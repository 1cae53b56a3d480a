import type { Project } from '../../model/project.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { User } from '../../model/user.ts'
import type { Result } from '../../shared/result.ts'
import type { TriggerRequestRow } from '../../store/trigger-requests.ts'
import type { Problem } from '../problems.ts'

/** Asks once more what a recorded trigger request asked, as its trigger stands now; the router of the API knows how. */
export type RepeatRequest = (replay: {
  readonly project: Project
  /** Who wants it. */
  readonly user: User
  readonly row: TriggerRequestRow
  readonly userAgent: string
}) => Promise<Result<Pipeline, Problem>>
