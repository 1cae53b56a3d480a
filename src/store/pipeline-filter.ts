import type { PipelineSource } from '../model/source.ts'
import type { Status } from '../model/status.ts'

/** Lists are filtered by these; a missing one does not filter. Times are milliseconds since the epoch, exclusive. */
export interface PipelineFilter {
  readonly statuses?: readonly Status[]
  readonly ref?: string
  readonly sha?: string
  /** GitLab leaves child pipelines out unless their source is asked for. */
  readonly source?: PipelineSource
  readonly name?: string
  readonly userId?: number
  readonly scheduleId?: number
  readonly yamlErrors?: boolean
  readonly createdAfter?: number
  readonly createdBefore?: number
  readonly updatedAfter?: number
  readonly updatedBefore?: number
  /** Only the newest pipeline of each of these branches, or of these tags. */
  readonly latestOf?: { readonly tag: boolean; readonly refs: readonly string[] }
}

interface Condition {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** `scan`: the times are looked at row by row in the order asked for, and not found by their index and then sorted. */
/** The filter as SQL: each condition with the values of its question marks. */
export function conditionsOf(projectId: number, filter: PipelineFilter, scan: boolean): Condition[] {
  const { latestOf } = filter
  const updated = scan ? '+updated_at' : 'updated_at'
  return [
    filter.source === undefined
      ? [{ sql: "source <> 'parent_pipeline'", values: [] }]
      : [{ sql: 'source = ?', values: [filter.source] }],
    filter.statuses === undefined ? [] : [among('status', filter.statuses)],
    compared('ref = ?', filter.ref),
    compared('sha = ?', filter.sha),
    compared('name = ?', filter.name),
    compared('user_id = ?', filter.userId),
    compared('schedule_id = ?', filter.scheduleId),
    compared('created_at > ?', filter.createdAfter),
    compared('created_at < ?', filter.createdBefore),
    compared(`${updated} > ?`, filter.updatedAfter),
    compared(`${updated} < ?`, filter.updatedBefore),
    filter.yamlErrors === undefined
      ? []
      : [{ sql: `config_error is ${filter.yamlErrors ? 'not ' : ''}null`, values: [] }],
    latestOf === undefined
      ? []
      : [
          {
            sql: `id in (select (select newest.id from pipelines newest where newest.project_id = ? and newest.ref = refs.value
                  and newest.tag = ? and newest.source <> 'parent_pipeline' order by newest.id desc limit 1) from json_each(?) refs)`,
            values: [projectId, Number(latestOf.tag), JSON.stringify(latestOf.refs)],
          },
        ],
  ].flat()
}

function compared(sql: string, value: string | number | undefined): Condition[] {
  return value === undefined ? [] : [{ sql, values: [value] }]
}

/** One word is compared, so that an index gives the rows in order. */
function among(column: string, words: readonly string[]): Condition {
  if (words.length === 1) return { sql: `${column} = ?`, values: words }
  return { sql: `${column} in (${words.map(() => '?').join(', ') || 'null'})`, values: words }
}
