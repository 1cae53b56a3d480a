import { lazily, type Database } from './database.ts'

/** A Sluice process that owns pipelines. Pid, start time and boot together name it for ever; a bare pid may be used again. */
export interface ProcessRow {
  readonly id: number
  readonly kind: 'run' | 'serve'
  readonly pid: number
  readonly pidStart: string
  readonly bootId: string
}

export function processesTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[string, number, string, string, number]>(
      'insert into processes (kind, pid, pid_start, boot_id, started_at) values (?, ?, ?, ?, ?)',
    ),
  )
  const unended = lazily(() =>
    database.prepare<[], ProcessRow>(
      'select id, kind, pid, pid_start as pidStart, boot_id as bootId from processes where ended_at is null',
    ),
  )
  const find = lazily(() =>
    database.prepare<[number], ProcessRow & { endedAt: number | null }>(
      'select id, kind, pid, pid_start as pidStart, boot_id as bootId, ended_at as endedAt from processes where id = ?',
    ),
  )
  const end = lazily(() =>
    database.prepare<[number, number]>('update processes set ended_at = ? where id = ?'),
  )
  return {
    add: (row: Omit<ProcessRow, 'id'>, now: number): number =>
      Number(insert().run(row.kind, row.pid, row.pidStart, row.bootId, now).lastInsertRowid),
    /** Those that did not say goodbye: alive, or killed. */
    unended: (): ProcessRow[] => unended().all(),
    find: (id: number): (ProcessRow & { readonly endedAt: number | null }) | undefined => find().get(id),
    end: (id: number, now: number): void => void end().run(now, id),
  }
}
