import { variable, type Variable } from '../model/variable.ts'
import { err, ok, type Result } from '../shared/result.ts'

/** GitLab's plan limits `dotenv_size` (bytes) and `dotenv_variables`. */
export interface DotenvLimits {
  readonly dotenvBytes: number
  readonly dotenvVariables: number
}

/** GitLab, of a key. */
const LONGEST_KEY = 255

/**
 * The variables of `artifacts:reports:dotenv`: `KEY=VALUE` lines and nothing else, a later key replaces an earlier one, quotes stay.
 * The error is GitLab's (`Ci::ParseDotenvArtifactService`). GitLab compares the compressed file with the limit on size; here it is
 * the file itself, as its documentation says.
 */
export function parseDotenv(files: readonly Buffer[], limits: DotenvLimits): Result<Variable[], string> {
  if (files.reduce((sum, file) => sum + file.length, 0) >= limits.dotenvBytes)
    return err(`Dotenv Artifact Too Big. Maximum Allowable Size: ${limits.dotenvBytes}`)
  const values = new Map<string, string>()
  for (const file of files) {
    for (const line of linesOf(decoded(file))) {
      const pair = /^([^=\n]*)=([^\n]*)$/m.exec(line)
      if (!pair) return err('Invalid Format')
      values.set(stripped(pair[1] ?? ''), stripped(pair[2] ?? ''))
    }
  }
  if (values.size > limits.dotenvVariables)
    return err(`Dotenv files cannot have more than ${limits.dotenvVariables} variables`)
  for (const key of values.keys()) {
    const wrong = problemsOf(key)
    if (wrong.length > 0) return err(`Validation failed: ${wrong.join(', ')}`)
  }
  return ok([...values].map(([key, value]) => variable(key, value, 'dotenv')))
}

/** GitLab: PowerShell writes UTF-16; a byte order mark is dropped, wrong bytes become U+FFFD. */
function decoded(file: Buffer): string {
  const encoding = file[0] === 0xff && file[1] === 0xfe ? 'utf-16le' : 'utf-8'
  return new TextDecoder(encoding).decode(file)
}

/** Ruby's `each_line`: nothing follows the last line feed. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Ruby's `strip`. */
function stripped(text: string): string {
  return text.replace(/^[\s\0]+|[\s\0]+$/g, '')
}

function problemsOf(key: string): string[] {
  return [
    ...(key === '' ? ["Key can't be blank"] : []),
    ...(key.length > LONGEST_KEY ? [`Key is too long (maximum is ${LONGEST_KEY} characters)`] : []),
    ...(/^[a-zA-Z0-9_]+$/.test(key) ? [] : ["Key can contain only letters, digits and '_'."]),
  ]
}
