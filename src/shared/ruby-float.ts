/** Ruby's `Float#to_s`: always with a fraction, exponents for whole numbers from 1e15 and for numbers below 1e-4, as `1.0e+15`. */
export function rubyFloat(number: number): string {
  if (Number.isNaN(number)) return 'NaN'
  if (!Number.isFinite(number)) return number > 0 ? 'Infinity' : '-Infinity'
  const size = Math.abs(number)
  if (size !== 0 && (size < 1e-4 || (size >= 1e15 && Number.isInteger(number)))) {
    const [digits = '', exponent = ''] = number.toExponential().split('e')
    const power = Number(exponent)
    return `${digits.includes('.') ? digits : `${digits}.0`}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  }
  return Number.isInteger(number) ? number.toFixed(1) : String(number)
}
