import { err, ok } from '../result.ts'
import type { Field } from './fields.ts'
import { match, unexpected, type Scan } from './scan-text.ts'

/** One item of a field's list: `*`, `5`, `22-2`, `8-18/2`, `mon#2`, `sun%2+1`. */
export interface Element {
  /** Offset of its first character. */
  readonly at: number
  readonly first: number | null
  readonly last: number | null
  readonly step: number | null
  readonly nth: number | null
  readonly weeks: { readonly every: number; readonly offset: number } | null
}

const DIGITS = /\d+/y
const SIGNED = /-?\d+/y
const WORD = /[A-Za-z]+/y

/** Reads one item, as far as it goes; what follows it is not looked at. */
export function scanElement(text: string, at: number, field: Field): Scan<Element> {
  const empty: Element = { at, first: null, last: null, step: null, nth: null, weeks: null }
  if (text[at] === '/') return scanStep(text, at, field, empty)
  if (text[at] === '*') return scanStep(text, at + 1, field, empty)
  const first = scanValue(text, at, field)
  if (!first.ok) return first
  const { value, end } = first.value
  const element = { ...empty, first: value }
  if (field.weekly && text[end] === '#') return scanNth(text, end, element)
  if (field.weekly && text[end] === '%') return scanWeeks(text, end, element)
  if (text[end] !== '-') return scanStep(text, end, field, element)
  const last = scanValue(text, end + 1, field)
  return last.ok ? scanStep(text, last.value.end, field, { ...element, last: last.value.value }) : last
}

function scanValue(text: string, at: number, field: Field): Scan<number> {
  const digits = match(field.negative ? SIGNED : DIGITS, text, at)
  const word = digits === '' ? match(WORD, text, at) : ''
  if (digits === '' && word === '') return err(unexpected(text, at, field))
  const value = digits === '' ? field.words.get(word.toLowerCase()) : Number(digits)
  const message =
    digits === '' ? wordProblem(word, value, field) : numberProblem(digits, Number(digits), field)
  if (value === undefined || message !== undefined) return err({ message: message ?? '', at })
  return ok({ value, end: at + digits.length + word.length })
}

function wordProblem(word: string, value: number | undefined, field: Field): string | undefined {
  if (value !== undefined) return undefined
  const short = word.slice(0, 3).toLowerCase()
  return `"${word}" is no ${field.name}${field.words.has(short) ? `; write ${short}` : ''}`
}

function numberProblem(digits: string, value: number, field: Field): string | undefined {
  const size = Math.abs(value)
  if (size > field.most && value < 0) return `${field.name} ${value} is below -${field.most}`
  if (size > field.most) return `${field.name} ${value} is above ${field.high}`
  if (size < field.low) return `${field.name} ${value} is below ${field.low}`
  return digits.replace('-', '').length > field.digits
    ? `${field.name} ${digits} has too many digits`
    : undefined
}

function scanStep(text: string, at: number, field: Field, element: Element): Scan<Element> {
  if (text[at] !== '/') return ok({ value: element, end: at })
  const digits = match(DIGITS, text, at + 1)
  if (digits === '') return err({ message: 'a number must follow "/"', at: at + 1 })
  if (digits.length > 2) return err({ message: `step ${digits} is above 99`, at: at + 1 })
  const step = Number(digits)
  // fugit reads a weekday's step 0 as 1 and divides by any other.
  if (step === 0 && !field.weekly) return err({ message: 'a step of 0 never advances', at: at + 1 })
  return ok({ value: { ...element, step: Math.max(1, step) }, end: at + 1 + digits.length })
}

function scanNth(text: string, at: number, element: Element): Scan<Element> {
  const written = match(SIGNED, text, at + 1) || match(WORD, text, at + 1)
  const nth = /^l(?:ast)?$/i.test(written) ? -1 : /^-?[1-5]$/.test(written) ? Number(written) : undefined
  if (nth !== undefined) return ok({ value: { ...element, nth }, end: at + 1 + written.length })
  return err({ message: `"#${written}" is none of #1 to #5, #-1 to #-5 and #L`, at })
}

function scanWeeks(text: string, at: number, element: Element): Scan<Element> {
  const written = match(/%\d+(?:\+\d+)?/y, text, at)
  if (written === '') return err({ message: 'a number of weeks must follow "%"', at: at + 1 })
  const [every = 0, offset = 0] = written.slice(1).split('+').map(Number)
  return ok({ value: { ...element, weeks: { every, offset } }, end: at + written.length })
}
