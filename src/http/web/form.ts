import { isList, isParamMap, type ParamMap } from '../body/request-value.ts'

/** The fields of a form or of a query, as a browser sends them. */
export interface Form {
  /** Undefined when the field was not sent. Line ends are `\n`, whatever the browser made of them. */
  text(name: string): string | undefined
  /** A check box: sent when it is checked. */
  flag(name: string): boolean
  /** `name[][field]`: rows of fields. */
  rows(name: string): readonly Form[]
  /** `name[KEY]=value`, in the order sent. */
  pairs(name: string): ReadonlyMap<string, string>
}

export function formOf(params: ParamMap): Form {
  return {
    text: (name) => textOf(params.get(name)),
    flag: (name) => ['1', 'on', 'true'].includes(textOf(params.get(name)) ?? ''),
    rows(name) {
      const rows = params.get(name)
      return isList(rows) ? rows.flatMap((row) => (isParamMap(row) ? [formOf(row)] : [])) : []
    },
    pairs(name) {
      const found = params.get(name)
      const pairs = isParamMap(found) ? [...found] : []
      return new Map(
        pairs.flatMap(([key, value]) => {
          const text = textOf(value)
          return text === undefined ? [] : [[key, text] as const]
        }),
      )
    },
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replaceAll('\r\n', '\n') : undefined
}

/** A positive whole number; the fallback for everything else. */
export function wholeNumber(text: string | undefined, fallback: number): number {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : fallback
}
