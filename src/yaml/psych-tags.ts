import { LOADER_ARGUMENT_ERROR, psychScalar, refusedClass, type PsychScalar } from './psych-scalars.ts'
import { rubyFloat } from './psych-float.ts'

// psych/visitors/to_ruby.rb, `deserialize`: what an explicit tag makes of a scalar. Every tag that is not named there is ignored.
const FIXED_CLASS: Readonly<Record<string, string>> = {
  '!ruby/object:BigDecimal': 'BigDecimal',
  '!ruby/object:DateTime': 'DateTime',
  '!ruby/object:Complex': 'Complex',
  '!ruby/object:Rational': 'Rational',
  '!ruby/regexp': 'Regexp',
  '!ruby/range': 'Range',
}

/**
 * A scalar with an explicit tag. libyaml forgets the lone `!` and then calls the scalar plain even when it is quoted;
 * with any other tag Psych no longer sees the quotes either, so `!foo "12"` is a number.
 */
export function taggedScalar(text: string, tag: string): PsychScalar {
  const name = shortTag(tag)
  if (name === '!!str' || name === '!str' || name === '!ruby/string')
    return { kind: 'value', value: text, text }
  if (name === '!!binary' || name === '!binary') return decoded(text)
  if (name === '!!float' || name === '!float') return toFloat(psychScalar(text))
  if (name === '!ruby/class' || name === '!ruby/module') return refusedClass(text)
  if (/^!ruby\/sym(?:bol)?/.test(name)) return { kind: 'value', value: text, text }
  const className = FIXED_CLASS[name] ?? /^!(?:str|ruby\/string):(.+)$/.exec(name)?.[1]
  return className === undefined ? psychScalar(text) : refusedClass(className)
}

/** The Ruby class that a tag on a mapping asks for; undefined when Psych makes a plain Hash of it. */
export function mappingClass(tag: string): string | undefined {
  const name = shortTag(tag)
  if (name === '!!set' || name === '!set') return 'Psych::Set'
  if (name === '!!omap' || name === '!omap') return 'Psych::Omap'
  if (name === '!ruby/range') return 'Range'
  const object = /^!ruby\/(object|struct|exception):?(.*)$/.exec(name)
  if (object?.[2] === 'Hash' && object[1] === 'object') return undefined
  if (object)
    return object[2] || (object[1] === 'object' ? 'Object' : object[1] === 'struct' ? 'Struct' : 'Exception')
  return /^!(?:ruby\/(?:array|hash|marshalable|hash-with-ivars|string)|map|str):(.+)$/.exec(name)?.[1]
}

/** The same for a sequence. */
export function sequenceClass(tag: string): string | undefined {
  return /^!(?:seq|ruby\/array):(.+)$/.exec(tag)?.[1]
}

function shortTag(tag: string): string {
  return tag.replace(/^tag:yaml\.org,2002:/, '!!')
}

function decoded(text: string): PsychScalar {
  const value = Buffer.from(text, 'base64').toString()
  return { kind: 'value', value, text: value }
}

function toFloat(scalar: PsychScalar): PsychScalar {
  if (scalar.kind === 'refused') return scalar
  const number =
    typeof scalar.value === 'string' ? Number(scalar.value.replaceAll('_', '') || Number.NaN) : scalar.value
  if (typeof number !== 'number' || (Number.isNaN(number) && typeof scalar.value === 'string')) {
    return { kind: 'refused', message: LOADER_ARGUMENT_ERROR }
  }
  return { kind: 'value', value: number, text: rubyFloat(number) }
}
