import type { ProjectVariable } from '../model/variable.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

/** A project variable that was made through API, page or command. Times are milliseconds since the epoch. */
export interface StoredVariable extends ProjectVariable {
  readonly id: number
  readonly projectId: number
  /** Its value is used and never shown again. */
  readonly hidden: boolean
  readonly description: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

export type VariableContent = Omit<StoredVariable, 'id' | 'projectId' | 'createdAt' | 'updatedAt' | 'origin'>

interface Row {
  readonly id: number
  readonly projectId: number
  readonly key: string
  readonly valueSealed: Buffer
  readonly variableType: 'env_var' | 'file'
  readonly environmentScope: string
  readonly protected: number
  readonly masked: number
  readonly hidden: number
  readonly raw: number
  readonly description: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

const columns = `id, project_id as projectId, key, value_sealed as valueSealed, variable_type as variableType,
  environment_scope as environmentScope, protected, masked, hidden, raw, description, created_at as createdAt, updated_at as updatedAt`

/** Values are sealed. */
export function projectVariablesTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | Buffer | null>]>(
      `insert into project_variables (project_id, key, value_sealed, variable_type, environment_scope, protected, masked, hidden, raw,
         description, created_at, updated_at)
       values (@projectId, @key, @valueSealed, @variableType, @environmentScope, @protected, @masked, @hidden, @raw,
         @description, @now, @now)`,
    ),
  )
  const update = lazily(() =>
    database.prepare<[Record<string, string | number | Buffer | null>]>(
      `update project_variables set key = @key, value_sealed = @valueSealed, variable_type = @variableType,
         environment_scope = @environmentScope, protected = @protected, masked = @masked, hidden = @hidden, raw = @raw,
         description = @description, updated_at = @now
       where id = @id`,
    ),
  )
  const ofProject = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from project_variables where project_id = ? order by id`,
    ),
  )
  const find = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from project_variables where id = ?`),
  )
  const remove = lazily(() => database.prepare<[number]>('delete from project_variables where id = ?'))

  function fromRow(row: Row): StoredVariable {
    const { valueSealed, variableType, ...rest } = row
    return {
      ...rest,
      value: seal.open(valueSealed),
      file: variableType === 'file',
      raw: row.raw === 1,
      masked: row.masked === 1,
      hidden: row.hidden === 1,
      protected: row.protected === 1,
      origin: 'project',
    }
  }

  function written(content: VariableContent): Record<string, string | number | Buffer | null> {
    return {
      key: content.key,
      valueSealed: seal.seal(content.value),
      variableType: content.file ? 'file' : 'env_var',
      environmentScope: content.environmentScope,
      protected: Number(content.protected),
      masked: Number(content.masked),
      hidden: Number(content.hidden),
      raw: Number(content.raw),
      description: content.description,
    }
  }

  return {
    /** Oldest first. */
    ofProject: (projectId: number): StoredVariable[] => ofProject().all(projectId).map(fromRow),
    find(id: number): StoredVariable | undefined {
      const row = find().get(id)
      return row && fromRow(row)
    },
    add: (projectId: number, content: VariableContent, now: number): number =>
      Number(insert().run({ ...written(content), projectId, now }).lastInsertRowid),
    update: (id: number, content: VariableContent, now: number): void =>
      void update().run({ ...written(content), id, now }),
    /** False when it was not there. */
    remove: (id: number): boolean => remove().run(id).changes === 1,
  }
}
