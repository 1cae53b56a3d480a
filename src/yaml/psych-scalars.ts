import { rubyFloat } from './psych-float.ts'

/** What a plain scalar becomes. `refused`: Psych raises, in these words. */
export type PsychScalar =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null; readonly text: string }
  | { readonly kind: 'refused'; readonly message: string }

/** GitLab answers so when Ruby's `Integer()` or `Float()` raises an ArgumentError while loading. */
export const LOADER_ARGUMENT_ERROR = 'Invalid YAML syntax'

/** The message of Psych's safe loader for a class that it may not make. */
export function refusedClass(name: string): PsychScalar {
  return { kind: 'refused', message: `Tried to load unspecified class: ${name}` }
}

const NULL: PsychScalar = { kind: 'value', value: null, text: '' }
const TRUE: PsychScalar = { kind: 'value', value: true, text: 'true' }
const FALSE: PsychScalar = { kind: 'value', value: false, text: 'false' }

// psych/scalar_scanner.rb: the regular expressions of `tokenize`, unchanged but for the dialect (`^` and `$` are line anchors in Ruby).
const WORD = /^[^\d.:-]?[\p{Alphabetic}_ \t\r\n\f\v!@#$%^&*(){}<>|/\\~;=]+/mu
const TIME =
  /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/
const DATE = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/
const SYMBOL = /^:(?:(["'])(.*)\1|(.+))/
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}$/
const BASE_60_FLOAT = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}\.[0-9_]*$/
const FLOAT = /^[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?$/
const INTEGER =
  /^(?:[-+]?0b[01_,]+|[-+]?0[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0x[0-9a-fA-F_,]+)$/

/** A plain scalar as Psych's `ScalarScanner#tokenize` reads it (YAML 1.1 with Psych's own deviations). */
export function psychScalar(text: string): PsychScalar {
  if (text === '') return NULL
  if (/^[1-9]\d{0,8}$/.test(text)) return { kind: 'value', value: Number(text), text }
  if (WORD.test(text) || text.includes('\n')) return word(text)
  if (TIME.test(text)) return refusedClass('Time')
  if (DATE.test(text)) return refusedClass('Date')
  if (/^\+?\.inf$/i.test(text)) return float(Infinity)
  if (/^-\.inf$/i.test(text)) return float(-Infinity)
  if (/^\.nan$/i.test(text)) return float(NaN)
  const symbol = SYMBOL.exec(text)
  if (symbol) return string((symbol[2] ?? symbol[3] ?? '').replace(symbol[2] === undefined ? '' : /^:/, ''))
  if (BASE_60.test(text)) return base60(text)
  if (BASE_60_FLOAT.test(text)) return base60Float(text)
  if (FLOAT.test(text)) return decimalFloat(text)
  if (INTEGER.test(text)) return integer(text.replace(/[,_]/g, ''))
  return string(text)
}

/** True for text that certainly is a string: more than five characters and a letter at the front. Saves most scalars the table above. */
export function isPlainlyString(text: string): boolean {
  if (text.length <= 5) return false
  const first = text.charCodeAt(0) | 0x20
  return first >= 0x61 && first <= 0x7a
}

function word(text: string): PsychScalar {
  if (text.length > 5 || /^[^ytonf~]/im.test(text)) return string(text)
  if (text === '~' || /^null$/im.test(text)) return NULL
  if (/^(?:yes|true|on)$/im.test(text)) return TRUE
  if (/^(?:no|false|off)$/im.test(text)) return FALSE
  return string(text)
}

function string(text: string): PsychScalar {
  return { kind: 'value', value: text, text }
}

function float(value: number): PsychScalar {
  return { kind: 'value', value, text: rubyFloat(value) }
}

/** Psych weighs `12:30` as hours and minutes: 45000. */
function base60(text: string): PsychScalar {
  const total = text
    .split(':')
    .reduce(
      (sum, part, place) => sum + BigInt(Number.parseInt(part.replaceAll('_', ''), 10)) * weight(place),
      0n,
    )
  return { kind: 'value', value: Number(total), text: String(total) }
}

function base60Float(text: string): PsychScalar {
  return float(
    text
      .split(':')
      .reduce(
        (sum, part, place) => sum + Number.parseFloat(part.replaceAll('_', '')) * Number(weight(place)),
        0,
      ),
  )
}

function weight(place: number): bigint {
  return 60n ** BigInt(Math.abs(place - 2))
}

function decimalFloat(text: string): PsychScalar {
  if (/^[-+]?\.$/.test(text)) return string(text)
  const digits = text.replace(/[,_]/g, '').replace(/\.(?=[Ee]|$)/, '')
  return /^[-+]?[eE]/.test(digits)
    ? { kind: 'refused', message: LOADER_ARGUMENT_ERROR }
    : float(Number(digits))
}

/** Ruby's `Integer()`: the prefix gives the base; `0b` and `0x` without digits raise. */
function integer(digits: string): PsychScalar {
  const sign = digits.startsWith('-') ? -1n : 1n
  const bare = digits.replace(/^[-+]/, '')
  if (bare === '0b' || bare === '0x') return { kind: 'refused', message: LOADER_ARGUMENT_ERROR }
  const total = sign * BigInt(/^0[0-7]/.test(bare) ? `0o${bare.slice(1)}` : bare)
  return { kind: 'value', value: Number(total), text: String(total) }
}
