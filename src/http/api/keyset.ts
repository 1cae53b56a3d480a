import type { ParamReader } from './param-reader.ts'

/** Where a keyset list goes on; without `before` at its beginning. */
export interface Keyset {
  readonly before: number | undefined
}

/** GitLab pages lists of jobs by id, newest first, when `pagination=keyset` asks for it; no other order. */
export function readKeyset(params: ParamReader): Keyset | 'unsupported' | 'invalid_cursor' | undefined {
  const wanted = params.oneOf('pagination', ['legacy', 'keyset']) === 'keyset'
  const order = params.text('order_by') ?? 'id'
  const sort = params.text('sort') ?? 'desc'
  const cursor = params.text('cursor')
  if (!wanted) return undefined
  if (order !== 'id' || sort !== 'desc') return 'unsupported'
  if (cursor === undefined || cursor === '') return { before: undefined }
  const before = Number(/^\{"id":"(\d{1,15})","_kd":"n"\}$/.exec(decoded(cursor))?.[1])
  return Number.isNaN(before) ? 'invalid_cursor' : { before }
}

/** GitLab's own form of a cursor: the last row's values and the direction. */
export function cursorOf(lastId: number): string {
  return Buffer.from(JSON.stringify({ id: String(lastId), _kd: 'n' })).toString('base64url')
}

function decoded(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString()
}
