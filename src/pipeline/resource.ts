import { isAlive } from '../platform/process-identity.ts'
import type { GroupMember } from '../store/resource-groups.ts'
import type { Store } from '../store/store.ts'

/** A resource group: one job at a time for each key and project, in all processes that share the state folder. */
export interface ResourceKey {
  readonly projectId: number
  readonly key: string
}

/**
 * The job that gets a group's resource now; undefined while somebody has it, nobody waits, or the next one is another process's
 * (which looks for itself). GitLab: in the modes `oldest_first` and `newest_first` nobody gets it while the first candidate is not
 * ready yet. To be called inside a transaction: the answer is only true there.
 */
export function nextForResource(
  store: Store,
  processId: number,
  { projectId, key }: ResourceKey,
): GroupMember | undefined {
  const lives = ownersAlive(store, processId)
  const isHeld = store.resourceGroups.holders(projectId, key).some((holder) => holds(holder, lives))
  if (isHeld) return undefined
  const first = store.resourceGroups.firstUpcoming(projectId, key, ({ owner }) => lives(owner))
  return first?.status === 'waiting_for_resource' && first.owner === processId ? first : undefined
}

/** What a dead process was given is free again, unless the job itself has outlived it. */
function holds(holder: GroupMember, lives: (owner: number | null) => boolean): boolean {
  if (lives(holder.owner)) return true
  const { pid, pidStart, bootId } = holder
  if (pid === null || pidStart === null || bootId === null) return false
  return isAlive({ pid, pidStart, bootId })
}

/** Whether the process that owns a pipeline will still work on it. */
function ownersAlive(store: Store, processId: number): (owner: number | null) => boolean {
  const known = new Map<number, boolean>([[processId, true]])
  return (owner) => {
    if (owner === null) return false
    const answer = known.get(owner) ?? isAtWork(store, owner)
    known.set(owner, answer)
    return answer
  }
}

/** False for a process that said goodbye and for one that died. */
export function isAtWork(store: Store, owner: number): boolean {
  const row = store.processes.find(owner)
  return row !== undefined && row.endedAt === null && isAlive(row)
}
