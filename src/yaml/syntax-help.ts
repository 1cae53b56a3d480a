import * as problem from './problem.ts'

interface Advice {
  /** One line for the person who has to correct it; `line` is where the construct in question begins. */
  readonly help: (line: number) => string
  /** What stands at libyaml's mark, when the mistake itself is elsewhere. */
  readonly begins?: string
}

const TABS = 'YAML indents with spaces, not with tabs'
const QUOTE_IT = 'put the value in quotes'
/** For a mistake at the brackets of `$[[ … ]]`. */
export const BLOCK_IN_FLOW = 'put "$[[ … ]]" in quotes: inside of { } and [ ] the brackets are YAML'
const UNCLOSED_QUOTE = 'this quote is never closed'

const ADVICE: Readonly<Record<string, Advice>> = {
  [problem.EXPECTED_KEY]: {
    help: (line) => `this does not line up with the keys of the mapping that begins in line ${line}`,
    begins: 'the mapping begins here',
  },
  [problem.EXPECTED_DASH]: {
    help: (line) => `this does not line up with the "- " entries of the list that begins in line ${line}`,
    begins: 'the list begins here',
  },
  [problem.EXPECTED_COLON]: {
    help: () => 'a key needs ": " behind it; text that belongs to the line above must be indented',
  },
  [problem.EXPECTED_BLOCK_CONTENT]: { help: () => `a value cannot begin so; ${QUOTE_IT}` },
  [problem.EXPECTED_FLOW_CONTENT]: {
    help: () => 'something is missing here: a value, or the closing bracket',
  },
  [problem.EXPECTED_BRACKET]: { help: () => 'a comma or the closing "]" is missing' },
  [problem.EXPECTED_BRACE]: { help: () => 'a comma or the closing "}" is missing' },
  [problem.VALUE_NOT_ALLOWED]: {
    help: () => 'a second ": " in one value, or a line indented too far; quote the value or move the line',
  },
  [problem.KEY_NOT_ALLOWED]: { help: () => `"? " begins a key; ${QUOTE_IT}` },
  [problem.DASH_NOT_ALLOWED]: { help: () => 'a list begins on a line of its own below its key' },
  [problem.TAB_IN_PLAIN]: { help: () => TABS },
  [problem.TAB_IN_BLOCK]: { help: () => TABS },
  [problem.OPEN_QUOTE]: { help: () => UNCLOSED_QUOTE },
  [problem.DOCUMENT_IN_QUOTE]: { help: () => UNCLOSED_QUOTE },
  [problem.UNKNOWN_ESCAPE]: {
    help: () => 'in double quotes a backslash is written "\\\\"; single quotes need no escaping',
  },
  [problem.EXPECTED_HEX]: {
    help: () => 'in double quotes a backslash is written "\\\\"; single quotes need no escaping',
  },
  [problem.EXPECTED_BREAK]: { help: () => 'text begins in the line below "|" or ">"' },
  [problem.EXPECTED_ALIAS_NAME]: { help: () => `"*" begins an alias; ${QUOTE_IT}` },
  [problem.EXPECTED_ANCHOR_NAME]: { help: () => `"&" begins an anchor; ${QUOTE_IT}` },
  [problem.UNEXPECTED_COLON]: { help: () => 'put a space behind the colon, or quotes around the text' },
  [problem.CONTROL_CHARACTER]: {
    help: () => 'this character is invisible; delete it or write it as an escape in double quotes',
  },
}

/** Our own line below libyaml's sentence. `character` stands at the place of the mistake, `line` holds the mark. */
export function syntaxHelp(sentence: string, character: string, line: number): string | undefined {
  if (sentence === problem.NO_TOKEN)
    return character === '\t' ? TABS : `a value cannot begin with "${character}"; ${QUOTE_IT}`
  return ADVICE[sentence]?.help(line)
}

/** Names what begins at libyaml's mark; undefined when the mark is the place of the mistake. */
export function whatBegins(sentence: string): string | undefined {
  return ADVICE[sentence]?.begins
}
