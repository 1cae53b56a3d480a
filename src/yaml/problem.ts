/**
 * Why reading a document ended early. Thrown inside this room only, where it unwinds the readers' recursion;
 * `parseYaml` turns it into a Diagnostic.
 */
export class ReadingProblem extends Error {
  readonly kind: 'syntax' | 'too_big' | 'outside'
  /** libyaml's words: the problem, then what was being read. */
  readonly sentence: string
  /** Offset that the sentence's `at line L column C` names: libyaml's context mark. */
  readonly mark: number
  /** Offset where a reader should look. */
  readonly place: number

  constructor(kind: ReadingProblem['kind'], sentence: string, mark: number, place: number) {
    super(sentence)
    this.kind = kind
    this.sentence = sentence
    this.mark = mark
    this.place = place
  }
}

/** Ends reading with a syntax error; `place` is where to look when that is not where the construct began. */
export function failSyntax(sentence: string, mark: number, place = mark): never {
  throw new ReadingProblem('syntax', sentence, mark, place)
}

/** Ends reading because the document is larger or deeper than allowed. */
export function failTooBig(place: number): never {
  throw new ReadingProblem('too_big', 'The parsed YAML is too big', place, place)
}

/** Leaves a document with rare syntax to the general reader. */
export function leaveToGeneralReader(place: number): never {
  throw new ReadingProblem('outside', 'outside of the common syntax', place, place)
}

// libyaml's sentences (scanner.c, parser.c), as Psych joins problem and context.
export const EXPECTED_KEY = 'did not find expected key while parsing a block mapping'
export const EXPECTED_DASH = "did not find expected '-' indicator while parsing a block collection"
export const EXPECTED_COLON = "could not find expected ':' while scanning a simple key"
export const EXPECTED_BLOCK_CONTENT = 'did not find expected node content while parsing a block node'
export const EXPECTED_FLOW_CONTENT = 'did not find expected node content while parsing a flow node'
export const EXPECTED_BRACKET = "did not find expected ',' or ']' while parsing a flow sequence"
export const EXPECTED_BRACE = "did not find expected ',' or '}' while parsing a flow mapping"
export const VALUE_NOT_ALLOWED = 'mapping values are not allowed in this context'
export const KEY_NOT_ALLOWED = 'mapping keys are not allowed in this context'
export const DASH_NOT_ALLOWED = 'block sequence entries are not allowed in this context'
export const NO_TOKEN = 'found character that cannot start any token while scanning for the next token'
export const UNEXPECTED_COLON = "found unexpected ':' while scanning a plain scalar"
export const TAB_IN_PLAIN = 'found a tab character that violates indentation while scanning a plain scalar'
export const OPEN_QUOTE = 'found unexpected end of stream while scanning a quoted scalar'
export const DOCUMENT_IN_QUOTE = 'found unexpected document indicator while scanning a quoted scalar'
export const UNKNOWN_ESCAPE = 'found unknown escape character while parsing a quoted scalar'
export const EXPECTED_HEX = 'did not find expected hexdecimal number while parsing a quoted scalar'
export const INVALID_CODE_POINT = 'found invalid Unicode character escape code while parsing a quoted scalar'
export const ZERO_INDENT = 'found an indentation indicator equal to 0 while scanning a block scalar'
export const EXPECTED_BREAK = 'did not find expected comment or line break while scanning a block scalar'
export const TAB_IN_BLOCK =
  'found a tab character where an indentation space is expected while scanning a block scalar'
export const EXPECTED_ANCHOR_NAME =
  'did not find expected alphabetic or numeric character while scanning an anchor'
export const EXPECTED_ALIAS_NAME =
  'did not find expected alphabetic or numeric character while scanning an alias'
export const EXPECTED_TAG_END = 'did not find expected whitespace or line break while scanning a tag'
export const UNDEFINED_HANDLE = 'found undefined tag handle while parsing a node'
export const CONTROL_CHARACTER = 'control characters are not allowed'
export const EXPECTED_DIRECTIVE = 'could not find expected directive name while scanning a directive'
export const UNKNOWN_DIRECTIVE = 'found unknown directive name while scanning a directive'
export const DIRECTIVE_CHARACTER = 'found unexpected non-alphabetical character while scanning a directive'
