import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, ownIdentity, type ProcessIdentity } from '../../platform/process-identity.ts'
import { isIdentity } from '../scratch/lanes.ts'

/**
 * Makes this process the only user of a slot, until `unlockSlot` or its death. False: another one uses it, or is taking it
 * over from a dead one at this moment. `owner` is for tests.
 */
export function lockSlot(slot: string, owner: ProcessIdentity = ownIdentity()): boolean {
  mkdirSync(slot, { recursive: true, mode: 0o700 })
  const lock = join(slot, 'lock')
  const mine = join(slot, `lock.${owner.pid}.${Math.random().toString(36).slice(2)}`)
  writeFileSync(mine, JSON.stringify(owner))
  try {
    return makeLock(mine, lock) || takeOver(mine, lock)
  } finally {
    rmSync(mine, { force: true })
  }
}

export function unlockSlot(slot: string): void {
  rmSync(join(slot, 'lock'), { force: true })
}

/** A link appears whole and only once. */
function makeLock(mine: string, lock: string): boolean {
  try {
    linkSync(mine, lock)
    return true
  } catch {
    return false
  }
}

/**
 * Two processes may find the same dead owner. Only one can make the file that is named after that owner, and it looks again
 * afterwards: an owner's identity is never used twice, so whoever comes later sees the new one.
 */
function takeOver(mine: string, lock: string): boolean {
  const owner = readOwner(lock)
  if (owner === undefined || isAlive(owner)) return false
  const claim = `${lock}-of-${owner.pid}-${owner.pidStart}`
  if (!makeLock(mine, claim)) return false
  try {
    const still = readOwner(lock)
    if (still?.pid !== owner.pid || still.pidStart !== owner.pidStart || still.bootId !== owner.bootId)
      return false
    renameSync(mine, lock)
    return true
  } finally {
    rmSync(claim, { force: true })
  }
}

function readOwner(lock: string): ProcessIdentity | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(lock, 'utf8'))
    return isIdentity(owner) ? owner : undefined
  } catch {
    return undefined // released in this moment
  }
}
