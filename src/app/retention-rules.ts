import type { RetentionRules } from '../model/retention.ts'
import type { Settings } from '../settings/settings.ts'

/** The rules of each project, by id. */
export function retentionOf({ projects }: Pick<Settings, 'projects'>): ReadonlyMap<number, RetentionRules> {
  return new Map(projects.map(({ id, retention }) => [id, retention]))
}
