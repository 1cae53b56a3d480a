import type { Variable, VariableOrigin } from '../model/variable.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

interface Row {
  readonly key: string
  readonly value_sealed: Buffer
  readonly file: number
  readonly raw: number
  readonly masked: number
  readonly origin: VariableOrigin
}

/** Values are sealed: callers pass tokens in them. */
export function pipelineVariablesTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[number, number, string, Buffer, number, number, number, string]>(
      `insert into pipeline_variables (pipeline_id, position, key, value_sealed, file, raw, masked, origin)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  )
  const select = lazily(() =>
    database.prepare<[number], Row>(
      'select key, value_sealed, file, raw, masked, origin from pipeline_variables where pipeline_id = ? order by position',
    ),
  )
  return {
    add(pipelineId: number, variables: readonly Variable[]): void {
      for (const [position, { key, value, file, raw, masked, origin }] of variables.entries()) {
        insert().run(
          pipelineId,
          position,
          key,
          seal.seal(value),
          Number(file),
          Number(raw),
          Number(masked),
          origin,
        )
      }
    },
    of: (pipelineId: number): Variable[] =>
      select()
        .all(pipelineId)
        .map((row) => ({
          key: row.key,
          value: seal.open(row.value_sealed),
          file: row.file === 1,
          raw: row.raw === 1,
          masked: row.masked === 1,
          origin: row.origin,
        })),
  }
}
