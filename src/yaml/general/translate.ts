import type { YAMLError } from 'yaml'
import * as libyaml from '../problem.ts'

/** libyaml's sentence for an error of the `yaml` package. The package sees other contexts, so that only the common ones agree to the word. */
export function translate({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  switch (code) {
    case 'TAB_AS_INDENT':
    case 'BAD_SCALAR_START':
      return libyaml.NO_TOKEN
    case 'BAD_DQ_ESCAPE':
      return libyaml.UNKNOWN_ESCAPE
    case 'BLOCK_AS_IMPLICIT_KEY':
      return message.includes('sequence') ? libyaml.DASH_NOT_ALLOWED : libyaml.VALUE_NOT_ALLOWED
    case 'MULTILINE_IMPLICIT_KEY':
    case 'KEY_OVER_1024_CHARS':
      return libyaml.EXPECTED_COLON
    case 'BAD_ALIAS':
      return message.startsWith('Anchor') ? libyaml.EXPECTED_ANCHOR_NAME : libyaml.EXPECTED_ALIAS_NAME
    case 'BAD_DIRECTIVE':
      return libyaml.UNKNOWN_DIRECTIVE
    case 'TAG_RESOLVE_FAILED':
      return libyaml.UNDEFINED_HANDLE
    case 'MISSING_CHAR':
    case 'UNEXPECTED_TOKEN':
      return missing(message)
    default:
      return libyaml.EXPECTED_KEY
  }
}

function missing(message: string): string {
  if (message.includes('quote')) return libyaml.OPEN_QUOTE
  if (/flow[ -]seq/.test(message))
    return message.includes('Unexpected') ? libyaml.EXPECTED_FLOW_CONTENT : libyaml.EXPECTED_BRACKET
  if (/flow[ -]map/.test(message))
    return message.includes('Unexpected') ? libyaml.EXPECTED_FLOW_CONTENT : libyaml.EXPECTED_BRACE
  if (message.includes('Block scalar header')) return libyaml.EXPECTED_BREAK
  if (message.includes('without - indicator')) return libyaml.EXPECTED_DASH
  if (message.includes('Implicit map keys')) return libyaml.EXPECTED_COLON
  return libyaml.EXPECTED_KEY
}
