import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Encrypts what must be shown again and fingerprints what must be found again. Both keys come from one file beside the database. */
export interface Seal {
  /** AES-256-GCM: 12 bytes nonce, 16 bytes tag, text. */
  seal(text: string): Buffer
  /** Throws when the bytes were not sealed with this state folder's key. */
  open(sealed: Buffer): string
  /** HMAC-SHA256: finds a token by an index without keeping it, and without a timing difference to learn from. */
  fingerprint(token: string): Buffer
}

/** The state folder's key, made at first use (mode 0600). */
export function openSeal(stateDir: string): Seal {
  const key = readOrMakeKey(join(stateDir, 'secret.key'))
  const encryption = Buffer.from(hkdfSync('sha256', key, '', 'sluice seal', 32))
  const lookup = Buffer.from(hkdfSync('sha256', key, '', 'sluice fingerprint', 32))
  return {
    seal(text) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(sealed) {
      const decipher = createDecipheriv('aes-256-gcm', encryption, sealed.subarray(0, 12))
      decipher.setAuthTag(sealed.subarray(12, 28))
      return decipher.update(sealed.subarray(28), undefined, 'utf8') + decipher.final('utf8')
    },
    fingerprint(token) {
      return createHmac('sha256', lookup).update(token).digest()
    },
  }
}

function readOrMakeKey(file: string): Buffer {
  try {
    // `wx`: of two processes that start together, one writes and the other reads.
    writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const key = readFileSync(file)
  if (key.length !== 32) throw new Error(`${file} is damaged: 32 bytes expected, ${key.length} found`)
  return key
}
