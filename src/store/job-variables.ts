import type { Variable } from '../model/variable.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

/** `manual`: typed in when the job was played. `dotenv`: its report, for the jobs that need it. */
export type JobVariableSource = 'manual' | 'dotenv'

interface Row {
  readonly key: string
  readonly value_sealed: Buffer
  readonly file: number
  readonly raw: number
  readonly masked: number
}

/** Variables of single jobs. Values are sealed: people type tokens in, and scripts report them. */
export function jobVariablesTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[number, string, number, string, Buffer, number, number, number]>(
      `insert into job_variables (job_id, source, position, key, value_sealed, file, raw, masked)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  )
  const remove = lazily(() =>
    database.prepare<[number, string]>('delete from job_variables where job_id = ? and source = ?'),
  )
  const mark = lazily(() => database.prepare<[number, number]>('update jobs set has_dotenv = ? where id = ?'))
  const select = lazily(() =>
    database.prepare<[number, string], Row>(
      `select key, value_sealed, file, raw, masked from job_variables
       where job_id = ? and source = ? order by position`,
    ),
  )
  return {
    /** In the order given; what the job had from this source before is gone. */
    put(jobId: number, source: JobVariableSource, variables: readonly Variable[]): void {
      remove().run(jobId, source)
      if (source === 'dotenv') mark().run(Number(variables.length > 0), jobId)
      for (const [position, { key, value, file, raw, masked }] of variables.entries()) {
        insert().run(
          jobId,
          source,
          position,
          key,
          seal.seal(value),
          Number(file),
          Number(raw),
          Number(masked),
        )
      }
    },
    of: (jobId: number, source: JobVariableSource): Variable[] =>
      select()
        .all(jobId, source)
        .map((row) => ({
          key: row.key,
          value: seal.open(row.value_sealed),
          file: row.file === 1,
          raw: row.raw === 1,
          masked: row.masked === 1,
          origin: source,
        })),
  }
}
