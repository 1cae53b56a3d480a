/** dir.c `UNESCAPE`: a backslash stands for what follows it; as the last character it stands for nothing. */
export function unescape(pattern: string, at: number): number {
  return pattern[at] === '\\' ? at + 1 : at
}

/** dir.c `bracket` compares the ends of a range first, so `[z-a]` still holds `z` and `a`. All are code points. */
export function isInRange(character: number, low: number, high: number): boolean {
  return character === low || character === high || (character >= low && character <= high)
}

/** UTF-16 units of a code point. */
export function width(codePoint: number | undefined): number {
  return codePoint !== undefined && codePoint > 0xffff ? 2 : 1
}
