import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { killWorkersIn } from '../../platform/process.ts'
import { isAlive } from '../../platform/process-identity.ts'
import { isIdentity } from '../scratch/lanes.ts'

/**
 * Ends what works in the slots of processes that were killed: of their jobs without a pid namespace, those processes that cleaned their environment can only
 * be known by where they are.
 */
export function sweepSlots(buildsDir: string): void {
  for (const project of names(buildsDir)) {
    for (const slot of names(join(buildsDir, project))) {
      const folder = join(buildsDir, project, slot)
      if (isAbandoned(join(folder, 'lock'))) killWorkersIn(folder)
    }
  }
}

function isAbandoned(lock: string): boolean {
  try {
    const owner: unknown = JSON.parse(readFileSync(lock, 'utf8'))
    return isIdentity(owner) && !isAlive(owner)
  } catch {
    return false // nobody's
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
