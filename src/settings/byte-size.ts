const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
}

/** `1 GiB`, `512MB` or a number of bytes, as bytes; undefined for anything else, for zero and for what a number cannot hold. */
export function parseByteSize(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text.trim()) ?? []
  const factor = UNITS[unit.toLowerCase()]
  const bytes = Math.floor(Number(amount) * (factor ?? Number.NaN))
  return amount !== '' && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}
