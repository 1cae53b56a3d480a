import type { YamlScalar } from '../node.ts'
import { psychScalar } from '../psych-scalars.ts'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal'

/** How Ruby writes a scalar: Psych proposes a style (`YAMLTree#visit_String`), libyaml takes it where it can. */
export function styleOf(scalar: YamlScalar, isKey: boolean): ScalarStyle {
  const { text } = scalar
  // Keys are strings by the time GitLab prints them (`deep_stringify_keys`).
  const proposed = isKey || typeof scalar.value === 'string' ? styleOfString(text) : 'plain'
  return allowed(proposed, text, isKey)
}

/** psych 4, yaml_tree.rb. Ruby's `^` and `$` are line anchors. */
function styleOfString(text: string): ScalarStyle {
  if (/\n(?!\n?$(?![\s\S]))/.test(text)) return 'literal'
  if (text === '<<') return 'single'
  if (text === 'y' || text === 'n') return 'double'
  if (NO_WORD_FIRST.test(text)) return 'double'
  const read = psychScalar(text)
  const isText = read.kind === 'value' && typeof read.value === 'string'
  return !isText || text.startsWith(':') || /^0[0-7]*[89]/m.test(text) ? 'single' : 'plain'
}

// Ruby: /^[^[:word:]][^"]*$/
const NO_WORD_FIRST = /^[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}][^"]*$/mu

/** libyaml, emitter.c: `yaml_emitter_select_scalar_style`. */
function allowed(proposed: ScalarStyle, text: string, isKey: boolean): ScalarStyle {
  let style = isKey && text.includes('\n') ? 'double' : proposed
  if (style === 'plain' && !plainAllowed(text, isKey)) style = 'single'
  if (style === 'single' && !singleAllowed(text)) style = 'double'
  if (style === 'literal' && (isKey || !literalAllowed(text))) style = 'double'
  return style
}

function plainAllowed(text: string, isKey: boolean): boolean {
  if (text === '') return !isKey
  if (/^[ \n]|[ \n]$/.test(text) || text.includes('\n')) return false
  if (/^(?:---|\.\.\.)/.test(text)) return false
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:](?:[ \t\n]|$)/.test(text)) return false
  if (/:(?:[ \t\n]|$)/.test(text) || /[ \t\n]#/.test(text)) return false
  return singleAllowed(text)
}

function singleAllowed(text: string): boolean {
  return !/\n | \n/.test(text) && !UNPRINTABLE.test(text)
}

function literalAllowed(text: string): boolean {
  return text !== '' && !text.endsWith(' ') && !/ \n/.test(text) && !UNPRINTABLE.test(text)
}

// yaml_private.h, IS_PRINTABLE_AT: line feed, ASCII without controls, U+00A0 to U+FFFD without the byte order mark; nothing above.
export const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u
