/** A float as Ruby's `Float#to_s` writes it: `3.0`, `1.0e+20`, `-0.0`, `Infinity`. */
export function rubyFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const sign = value < 0 ? '-' : ''
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(exponentText)
  return sign + (exponent >= -4 && exponent < 15 ? fixed(digits, exponent) : scientific(digits, exponent))
}

function fixed(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${whole}.${digits.slice(exponent + 1) || '0'}`
}

function scientific(digits: string, exponent: number): string {
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits[0] ?? '0'}.${digits.slice(1) || '0'}e${exponent < 0 ? '-' : '+'}${power}`
}
