/**
 * Places where secrets stand, as offsets, ordered by `maskStart`, the longer first. Columns and not objects: a log whose every
 * line holds a secret has millions of them.
 */
export interface MatchList {
  count: number
  /** Where what was recognised begins; a token's mask begins after its prefix. */
  start: Int32Array
  maskStart: Int32Array
  maskEnd: Int32Array
  /** Not `CLOSED`: it runs up to the end of the bytes searched, so more of it may follow. */
  open: Uint8Array
}

/** How a mask goes on over the bytes that follow: not, over token characters, over the value of a URL parameter. */
export type Tail = 0 | 1 | 2
export const CLOSED = 0
export const TOKEN = 1
/** Every token character may stand in one, so it is the stronger of two that end together. */
export const PARAMETER = 2

export function emptyMatchList(capacity = 256): MatchList {
  return {
    count: 0,
    start: new Int32Array(capacity),
    maskStart: new Int32Array(capacity),
    maskEnd: new Int32Array(capacity),
    open: new Uint8Array(capacity),
  }
}

/** Cheap when matches come almost in order. */
export function insertMatch(
  list: MatchList,
  start: number,
  maskStart: number,
  maskEnd: number,
  open: Tail,
): void {
  if (list.count === list.start.length) grow(list)
  let at = list.count++
  while (at > 0 && isBefore(list, at - 1, maskStart, maskEnd)) {
    list.start[at] = list.start[at - 1] as number
    list.maskStart[at] = list.maskStart[at - 1] as number
    list.maskEnd[at] = list.maskEnd[at - 1] as number
    list.open[at] = list.open[at - 1] as number
    at--
  }
  list.start[at] = start
  list.maskStart[at] = maskStart
  list.maskEnd[at] = maskEnd
  list.open[at] = open
}

/** Whether a new match belongs before the one at `index`. */
function isBefore(list: MatchList, index: number, maskStart: number, maskEnd: number): boolean {
  const other = list.maskStart[index] as number
  return maskStart < other || (maskStart === other && maskEnd > (list.maskEnd[index] as number))
}

function grow(list: MatchList): void {
  const wider = emptyMatchList(list.start.length * 4)
  wider.start.set(list.start)
  wider.maskStart.set(list.maskStart)
  wider.maskEnd.set(list.maskEnd)
  wider.open.set(list.open)
  Object.assign(list, { ...wider, count: list.count })
}
