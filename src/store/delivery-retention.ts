import { lazily, type Database } from './database.ts'
import { ROW_BYTES } from './trigger-requests.ts'

/** The recorded trigger requests of one project, as far as they are too many. Those that made a pipeline that is there lose what they said. */
export function deliveryRetention(database: Database) {
  const page = lazily(() =>
    database.prepare<[number, number, number], DeliveryRow>(
      `select id, received_at as receivedAt, size,
         exists (select 1 from pipelines where pipelines.id = pipeline_id) as made
       from trigger_requests where project_id = ? and id < ? and listed = 1 order by id desc limit ?`,
    ),
  )
  const remove = lazily(() => database.prepare<[number]>('delete from trigger_requests where id = ?'))
  const hide = lazily(() =>
    database.prepare<[number]>(
      `update trigger_requests set listed = 0, call_sealed = null, size = ${ROW_BYTES} where id = ?`,
    ),
  )
  return {
    /** Those that are listed, below an id, newest first. */
    page: (projectId: number, below: number, limit: number): DeliveryRow[] =>
      page().all(projectId, below, limit),
    /** Removes one; of one that is the provenance of a pipeline only that is kept. */
    drop: ({ id, made }: Pick<DeliveryRow, 'id' | 'made'>): void => void (made ? hide() : remove()).run(id),
  }
}

export interface DeliveryRow {
  readonly id: number
  readonly receivedAt: number
  readonly size: number
  /** 1: its pipeline is there. */
  readonly made: 0 | 1
}
