const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** A text with its character references replaced. Undefined: an `&` begins none, or the reference is to something unknown. */
export function decodeEntities(text: string): string | undefined {
  let wrong = false
  const result = text.replaceAll(
    /&(?:#x([0-9a-fA-F]+);|#([0-9]+);|([a-zA-Z]+);)?/g,
    (_, hex?: string, decimal?: string, name?: string) => {
      const known = name !== undefined && Object.hasOwn(NAMED, name) ? NAMED[name] : undefined
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      const found = known ?? (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined)
      if (found === undefined) wrong = true
      return found ?? ''
    },
  )
  return wrong ? undefined : result
}
