const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3_600,
}

/** Go's `time.ParseDuration` in seconds: `1h20m`, `1.5s`, `-40s`, `0`; undefined for what it refuses. */
export function parseGoDuration(text: string): number | undefined {
  const [, sign = '', amount = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  if (amount === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(amount)) return undefined
  let seconds = 0
  for (const [, number = '', unit = ''] of amount.matchAll(/([\d.]+)([a-zµμ]+)/g))
    seconds += Number(number) * (UNITS[unit] ?? Number.NaN)
  // It counts nanoseconds in 63 bits.
  if (!(seconds <= 9_223_372_036)) return undefined
  return sign === '-' ? -seconds : seconds
}
