import type { Diagnostic, Location, Sources } from '../shared/diagnostic.ts'
import { locate } from '../shared/source-text.ts'
import type { ReadingProblem } from './problem.ts'
import { BLOCK_IN_FLOW, syntaxHelp, whatBegins } from './syntax-help.ts'
import type { Refusal, Tree } from './tree.ts'

/** Turns what the readers found in one file into diagnostics. */
export interface Reporter {
  readonly file: string
  readonly text: string
  readonly sources: Sources
}

export function reporterFor(file: string, text: string): Reporter {
  return { file, text, sources: new Map([[file, text]]) }
}

export function syntaxError(reporter: Reporter, { sentence, mark, place }: ReadingProblem): Diagnostic {
  const { line, column } = markOf(reporter.text, mark)
  const help = reporter.text.startsWith('$[[', place - 1)
    ? BLOCK_IN_FLOW
    : syntaxHelp(sentence, characterAt(reporter.text, place), line)
  const begins = whatBegins(sentence)
  return {
    severity: 'error',
    code: 'yaml.syntax',
    message: `(<unknown>): ${sentence} at line ${line} column ${column}`,
    location: locationAt(reporter, place),
    ...(help === undefined ? {} : { help }),
    ...(begins === undefined || mark === place
      ? {}
      : { related: [{ message: begins, location: locationAt(reporter, mark) }] }),
  }
}

export function tooBig(reporter: Reporter, message: string, place: number): Diagnostic {
  return { severity: 'error', code: 'yaml.too_big', message, location: locationAt(reporter, place) }
}

/** GitLab says this of a text that Ruby cannot decode. */
export function notUtf8(reporter: Reporter, place: number): Diagnostic {
  const isUtf16 = reporter.text.slice(0, 64).includes('\0')
  const found = isUtf16 ? 'the file is UTF-16' : 'this is no UTF-8, but a letter in Windows-1252 or the like'
  return {
    severity: 'error',
    code: 'yaml.encoding',
    message: 'Invalid YAML syntax',
    location: locationAt(reporter, place),
    help: `${found}; save the file as UTF-8`,
  }
}

export function tooManyDocuments(reporter: Reporter, place: number): Diagnostic {
  const message = 'The parsed YAML has too many documents'
  return {
    severity: 'error',
    code: 'yaml.too_many_documents',
    message,
    location: locationAt(reporter, place),
    help: 'a file has at most a header with `spec:` and a body',
  }
}

const REFUSAL_HELP: Readonly<Record<string, string>> = {
  'yaml.unknown_alias': 'no anchor of this name stands above; anchors do not cross files, `!reference` does',
  'yaml.too_big': 'this anchor contains itself',
  'yaml.reference_invalid': '`!reference` takes a list of strings: `!reference [job, key]`',
}

export function refusalError(reporter: Reporter, { code, message, span }: Refusal): Diagnostic {
  const isDate = message.endsWith(': Date') || message.endsWith(': Time')
  const help = isDate ? 'put the date in quotes' : REFUSAL_HELP[code]
  return {
    severity: 'error',
    code,
    message,
    location: locate(reporter.sources, span),
    ...(help === undefined ? {} : { help }),
  }
}

export function duplicateWarnings(reporter: Reporter, tree: Tree): Diagnostic[] {
  return tree.duplicates.map(({ key, earlier }) => {
    const first = locate(reporter.sources, earlier.span)
    return {
      severity: 'warning',
      code: 'yaml.duplicate_key',
      message: `duplicate key "${key.text}": the last one wins`,
      location: locate(reporter.sources, key.span),
      help: `what line ${first.line} says is ignored`,
      related: [{ message: 'first written here', location: first }],
    }
  })
}

export function ignoredTextWarning(reporter: Reporter, from: number): Diagnostic {
  return {
    severity: 'warning',
    code: 'yaml.ignored_text',
    message: 'the document ends above this line; GitLab ignores the rest without a word',
    location: locationAt(reporter, from),
    help: 'the first line of a document is indented further than this one, or the document was closed by "..."',
  }
}

function locationAt({ file, text, sources }: Reporter, place: number): Location {
  return locate(sources, { file, start: place, end: Math.min(text.length, place + 1) })
}

/** Line and column as libyaml counts them, in characters; at the end of the text it believes itself on a new line. */
function markOf(text: string, mark: number): { line: number; column: number } {
  const lines = text
    .slice(0, mark)
    .replace(/^\ufeff/, '')
    .split(/\r\n|[\r\n\x85\u2028\u2029]/)
  const column = Array.from(lines.at(-1) ?? '').length + 1
  return mark >= text.length && column > 1
    ? { line: lines.length + 1, column: 1 }
    : { line: lines.length, column }
}

function characterAt(text: string, place: number): string {
  const point = text.codePointAt(place)
  return point === undefined ? '' : String.fromCodePoint(point)
}
