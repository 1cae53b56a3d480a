import type { KnownRef } from '../model/ref-change.ts'
import { lazily, type Database } from './database.ts'

export function watchedRefsTable(database: Database) {
  const since = lazily(() =>
    database.prepare<[number], { at: number | null }>('select watched_at as at from projects where id = ?'),
  )
  const setSince = lazily(() =>
    database.prepare<[number | null, number]>('update projects set watched_at = ? where id = ?'),
  )
  const all = lazily(() =>
    database.prepare<[number], KnownRef & { name: string }>(
      'select name, sha, moves from watched_refs where project_id = ?',
    ),
  )
  const put = lazily(() =>
    database.prepare<[number, string, string | null, number, number]>(
      `insert into watched_refs (project_id, name, sha, moves, seen_at) values (?, ?, ?, ?, ?)
       on conflict (project_id, name) do update set sha = excluded.sha, moves = excluded.moves, seen_at = excluded.seen_at`,
    ),
  )
  return {
    isWatched: (projectId: number): boolean => (since().get(projectId)?.at ?? null) !== null,
    /** Null ends the watch: what moves from then on is not made up for. */
    setWatchedSince: (projectId: number, at: number | null): void => void setSince().run(at, projectId),
    /** By full name. */
    of: (projectId: number): Map<string, KnownRef> =>
      new Map(
        all()
          .all(projectId)
          .map(({ name, sha, moves }) => [name, { sha, moves }]),
      ),
    put: (projectId: number, name: string, ref: KnownRef, now: number): void =>
      void put().run(projectId, name, ref.sha, ref.moves, now),
  }
}
