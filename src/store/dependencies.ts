import { lazily, type Database } from './database.ts'

/** A job that another one depends on. */
export interface DependencyRow {
  readonly id: number
  readonly name: string
}

/** One whose artifacts are gone. */
export interface LostRow extends DependencyRow {
  /** Milliseconds since the epoch; null: they expired. */
  readonly erasedAt: number | null
  readonly expiredAt: number | null
}

// GitLab: `Ci::Build#valid_dependency?`.
const lost = `(erased_at is not null or artifacts_expire_at <= @now)`
const lostColumns = 'id, name, erased_at as erasedAt, artifacts_expire_at as expiredAt'

/** What a job that is about to start must find of earlier jobs: latest attempts only, each found by an index. */
export function dependencyQueries(database: Database) {
  const lostBefore = lazily(() =>
    database.prepare<[Record<string, number>], LostRow>(
      `select ${lostColumns} from jobs where pipeline_id = @pipelineId and stage_index < @beforeStage and retried = 0
         and erased_at is not null
       union select ${lostColumns} from jobs where pipeline_id = @pipelineId and stage_index < @beforeStage and retried = 0
         and artifacts_expire_at is not null and artifacts_expire_at <= @now order by 1`,
    ),
  )
  const lostNamed = lazily(() =>
    database.prepare<[Record<string, number | string>], LostRow>(
      `select ${lostColumns} from jobs where pipeline_id = @pipelineId and name = @name and retried = 0 and ${lost}`,
    ),
  )
  const dotenvBefore = lazily(() =>
    database.prepare<[number, number], DependencyRow>(
      `select id, name from jobs where pipeline_id = ? and stage_index < ? and has_dotenv = 1 and retried = 0 order by id`,
    ),
  )
  const dotenvNamed = lazily(() =>
    database.prepare<[number, string], DependencyRow>(
      `select id, name from jobs where pipeline_id = ? and name = ? and has_dotenv = 1 and retried = 0`,
    ),
  )
  return {
    /** Jobs of earlier stages that were erased, or whose artifacts' time is over, oldest first. */
    lostBefore: (pipelineId: number, beforeStage: number, now: number): LostRow[] =>
      lostBefore().all({ pipelineId, beforeStage, now }),
    lostNamed: (pipelineId: number, name: string, now: number): LostRow | undefined =>
      lostNamed().get({ pipelineId, name, now }),
    /** Jobs of earlier stages with a dotenv report, oldest first. */
    withDotenvBefore: (pipelineId: number, beforeStage: number): DependencyRow[] =>
      dotenvBefore().all(pipelineId, beforeStage),
    withDotenv: (pipelineId: number, name: string): DependencyRow | undefined =>
      dotenvNamed().get(pipelineId, name),
  }
}
