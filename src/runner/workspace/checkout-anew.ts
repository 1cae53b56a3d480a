import { readdirSync } from 'node:fs'
import type { Result } from '../../shared/result.ts'
import { isUsual } from '../build-settings.ts'
import {
  checkOut,
  cleanUp,
  filesIn,
  straightenPermissions,
  type Checkout,
  type SourceProblem,
} from './checkout.ts'
import { readTree, type TreeState } from './tree-state.ts'

/** Above so many files and folders git finds out what a job changed: looking at each ourselves would hold up everything else. */
export const SMALL_TREE = 2_000

/** Undefined: too large to be noted, which the number of its files tells at once. */
export function noteTree(checkout: Checkout): TreeState | undefined {
  return filesIn(checkout) > SMALL_TREE ? undefined : readTree(checkout.project, SMALL_TREE, ['.git'])
}

/** A workspace about which nothing is known: new, left by a job or another process, or too large to be noted. */
export async function checkOutAnew(
  checkout: Checkout,
  sha: string,
  cleanFlags: readonly string[],
): Promise<Result<string, SourceProblem>> {
  const used = readdirSync(checkout.project).length > 0
  const files = await checkOut(checkout, sha)
  if (!files.ok || !used) return files
  const cleaned = await cleanUp(checkout, cleanFlags)
  if (!cleaned.ok || !isUsual(cleanFlags)) return cleaned
  const noted = noteTree(checkout)
  if (!noted || !straightenPermissions(checkout.project, noted.keys())) return cleaned
  const again = await checkOut(checkout, sha)
  return again.ok ? cleaned : again
}
