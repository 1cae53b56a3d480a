import { NO_TRIGGER_LIMITS, shortToken, type Trigger, type TriggerLimits } from '../model/trigger.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

const columns = `id, project_id as projectId, owner_id as ownerId, description, short_token as shortToken,
  created_at as createdAt, updated_at as updatedAt, last_used_at as lastUsedAt, expires_at as expiresAt, revoked_at as revokedAt,
  withdrawn_at as withdrawnAt, declared_at as declaredAt, limits_sealed as limitsSealed, secret_sealed is not null as signed`

type Row = Omit<Trigger, 'limits' | 'signed'> & {
  readonly limitsSealed: Buffer | null
  readonly signed: number
}

export interface NewTrigger {
  readonly projectId: number
  readonly ownerId: number | null
  readonly description: string
  readonly token: string
  readonly expiresAt?: number | null
  readonly limits?: TriggerLimits
  /** What every request must prove that it knows; null: nothing. */
  readonly secret?: string | null
  /** `FILE:LINE`; null: not declared. */
  readonly declaredAt?: string | null
}

/** What of a trigger can be changed; a missing field stays as it is. */
export interface TriggerChange {
  readonly description?: string
  readonly limits?: TriggerLimits
  readonly secret?: string | null
}

export function triggersTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | Buffer | null>]>(
      `insert into triggers (project_id, owner_id, description, token_hash, token_sealed, short_token, created_at, updated_at,
         expires_at, declared, declared_at, limits_sealed, secret_sealed)
       values (@projectId, @ownerId, @description, @tokenHash, @tokenSealed, @shortToken, @now, @now,
         @expiresAt, @declared, @declaredAt, @limitsSealed, @secretSealed)`,
    ),
  )
  const refresh = lazily(() =>
    database.prepare<[Record<string, string | number | Buffer | null>]>(
      `update triggers set project_id = @projectId, owner_id = case taken_over when 1 then owner_id else @ownerId end,
         description = @description, expires_at = @expiresAt, limits_sealed = @limitsSealed, secret_sealed = @secretSealed,
         declared = 1, declared_at = @declaredAt, withdrawn_at = null,
         updated_at = case when @changed then @now else updated_at end
       where id = @id`,
    ),
  )
  const byHash = lazily(() =>
    database.prepare<[Buffer], Row>(`select ${columns} from triggers where token_hash = ?`),
  )
  const find = lazily(() => database.prepare<[number], Row>(`select ${columns} from triggers where id = ?`))
  const page = lazily(() =>
    database.prepare<[number, number, number], Row>(
      `select ${columns} from triggers where project_id = ? and revoked_at is null and withdrawn_at is null
       order by id limit ? offset ?`,
    ),
  )
  const count = lazily(() =>
    database.prepare<[number], { total: number }>(
      'select count(*) as total from triggers where project_id = ? and revoked_at is null and withdrawn_at is null',
    ),
  )
  const legacy = lazily(() =>
    database.prepare<[], Row>(
      `select ${columns} from triggers where owner_id is null and revoked_at is null and withdrawn_at is null order by id`,
    ),
  )
  const sealed = lazily(() =>
    database.prepare<[number], { token: Buffer; secret: Buffer | null }>(
      'select token_sealed as token, secret_sealed as secret from triggers where id = ?',
    ),
  )
  const declared = lazily(() =>
    database.prepare<[number], { id: number }>(
      'select id from triggers where project_id = ? and declared = 1 and withdrawn_at is null',
    ),
  )
  const withdraw = lazily(() =>
    database.prepare<[number, number]>('update triggers set withdrawn_at = ? where id = ?'),
  )
  const used = lazily(() =>
    database.prepare<[number, number]>('update triggers set last_used_at = ? where id = ?'),
  )
  const change = lazily(() =>
    database.prepare<[string, Buffer | null, Buffer | null, number, number]>(
      'update triggers set description = ?, limits_sealed = ?, secret_sealed = ?, updated_at = ? where id = ?',
    ),
  )
  const revoke = lazily(() =>
    database.prepare<[number, number]>(
      'update triggers set revoked_at = ? where id = ? and revoked_at is null',
    ),
  )
  const takeOver = lazily(() =>
    database.prepare<[number, number, number]>(
      'update triggers set owner_id = ?, taken_over = 1, updated_at = ? where id = ?',
    ),
  )

  function fromRow(row: Row | undefined): Trigger | undefined {
    if (!row) return undefined
    const { limitsSealed, signed, ...trigger } = row
    const limits =
      limitsSealed === null ? NO_TRIGGER_LIMITS : (JSON.parse(seal.open(limitsSealed)) as TriggerLimits)
    return { ...trigger, limits, signed: signed === 1 }
  }

  function sealLimits(limits: TriggerLimits | undefined): Buffer | null {
    const text = JSON.stringify(limits ?? NO_TRIGGER_LIMITS)
    return text === JSON.stringify(NO_TRIGGER_LIMITS) ? null : seal.seal(text)
  }

  const sealText = (text: string | null = null): Buffer | null => (text === null ? null : seal.seal(text))

  return {
    /** Whose token this is: expired and revoked ones too, so that the caller can tell the true reason. */
    findByToken: (token: string): Trigger | undefined => fromRow(byHash().get(seal.fingerprint(token))),
    find: (id: number): Trigger | undefined => fromRow(find().get(id)),
    /** Those of a project that may still be used or have expired, in order of their numbers. */
    page(projectId: number, part: { readonly limit: number; readonly offset: number }) {
      const triggers = page()
        .all(projectId, part.limit, part.offset)
        .flatMap((row) => fromRow(row) ?? [])
      return { triggers, total: count().get(projectId)?.total ?? 0 }
    },
    /** Those without an owner, of all projects. */
    legacy: (): Trigger[] =>
      legacy()
        .all()
        .flatMap((row) => fromRow(row) ?? []),
    /** The token itself, for its owner. */
    tokenOf(id: number): string | undefined {
      const row = sealed().get(id)
      return row && seal.open(row.token)
    },
    /** Null: the trigger has none. */
    secretOf(id: number): string | null {
      const secret = sealed().get(id)?.secret ?? null
      return secret === null ? null : seal.open(secret)
    },
    /**
     * Adds a trigger declared in a configuration file, or brings it up to date: it is the same trigger as long as its token is.
     * A revoked one stays revoked, one whose ownership was taken stays with whoever took it; one that was taken out of the file
     * and comes back counts again. Returns its id.
     */
    declare(trigger: NewTrigger, now: number): number {
      const known = fromRow(byHash().get(seal.fingerprint(trigger.token)))
      if (!known) return this.add({ ...trigger, declaredAt: trigger.declaredAt ?? '' }, now)
      const changed =
        known.withdrawnAt !== null ||
        known.projectId !== trigger.projectId ||
        known.description !== trigger.description ||
        known.expiresAt !== (trigger.expiresAt ?? null)
      refresh().run({
        id: known.id,
        projectId: trigger.projectId,
        ownerId: trigger.ownerId,
        description: trigger.description,
        expiresAt: trigger.expiresAt ?? null,
        declaredAt: trigger.declaredAt ?? '',
        limitsSealed: sealLimits(trigger.limits),
        secretSealed: sealText(trigger.secret),
        changed: Number(changed),
        now,
      })
      return known.id
    },
    /** Ends the declared triggers of a project that its file no longer names. */
    withdrawOthers(projectId: number, stillDeclared: readonly number[], now: number): void {
      for (const { id } of declared().all(projectId)) if (!stillDeclared.includes(id)) withdraw().run(now, id)
    },
    add: (trigger: NewTrigger, now: number): number =>
      Number(
        insert().run({
          projectId: trigger.projectId,
          ownerId: trigger.ownerId,
          description: trigger.description,
          tokenHash: seal.fingerprint(trigger.token),
          tokenSealed: seal.seal(trigger.token),
          shortToken: shortToken(trigger.token),
          expiresAt: trigger.expiresAt ?? null,
          declared: Number(typeof trigger.declaredAt === 'string'),
          declaredAt: trigger.declaredAt ?? null,
          limitsSealed: sealLimits(trigger.limits),
          secretSealed: sealText(trigger.secret),
          now,
        }).lastInsertRowid,
      ),
    change(id: number, { description, limits, secret }: TriggerChange, now: number): void {
      const known = this.find(id)
      if (!known) return
      change().run(
        description ?? known.description,
        sealLimits(limits ?? known.limits),
        secret === undefined ? sealText(this.secretOf(id)) : sealText(secret),
        now,
        id,
      )
    },
    /** False when it was revoked before. */
    revoke: (id: number, now: number): boolean => revoke().run(now, id).changes === 1,
    takeOver: (id: number, ownerId: number, now: number): void => void takeOver().run(ownerId, now, id),
    markUsed: (id: number, now: number): void => void used().run(now, id),
  }
}
