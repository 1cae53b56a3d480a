import { readFileSync } from 'node:fs'
import { complain, type Report } from './report.ts'
import type { Place } from './shape.ts'

/** What stands elsewhere than in the configuration is looked up with these. */
export interface ReferenceContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Makes a path relative to the configuration file absolute. */
  readonly resolve: (path: string) => string
  /** Told of each file that a value comes from. */
  readonly noteFile: (path: string) => void
}

/** The text of a secret: itself, `${NAME}` of the environment, or `file:PATH`. What cannot be had is reported where it is written. */
export function readReference(
  report: Report,
  place: Place,
  text: string,
  context: ReferenceContext,
): string | undefined {
  if (text.startsWith('file:')) return readSecretFile(report, place, text, context)?.trim()
  const name = environmentName(text)
  return name === undefined ? text : context.env[name] || unsetVariable(report, place, name)
}

/** The name in `${NAME}`, where that is all. */
function environmentName(text: string): string | undefined {
  return /^\$\{(\w+)\}$/.exec(text)?.[1]
}

/**
 * The value of a variable. `${NAME}` also is how CI variables are written: it is taken from the environment only when that has the name,
 * and GitLab does not define it. `file://…` is an address and no reference.
 */
export function readValueReference(
  report: Report,
  place: Place,
  text: string,
  context: ReferenceContext,
  /** `isSecret`: an unset name is a mistake. `isFile`: jobs see a file, so that each of its bytes counts. */
  { isSecret, isFile }: { readonly isSecret: boolean; readonly isFile: boolean },
): string | undefined {
  if (text.startsWith('file:') && !text.startsWith('file://')) {
    const content = readSecretFile(report, place, text, context)
    return isFile ? content : content?.replace(/\r?\n$/, '')
  }
  const name = environmentName(text)
  if (name === undefined) return text
  if (/^(CI|GITLAB)(_|$)/.test(name)) return text
  return context.env[name] || (isSecret ? unsetVariable(report, place, name) : text)
}

function unsetVariable(report: Report, place: Place, name: string): undefined {
  const message = `${place.path}: the environment variable ${name} is not set`
  return complain(report, place.node.span, {
    code: 'unset_variable',
    message,
    help: `set ${name} before starting, or use file:PATH`,
  })
}

function readSecretFile(
  report: Report,
  place: Place,
  text: string,
  context: ReferenceContext,
): string | undefined {
  const path = context.resolve(text.slice('file:'.length))
  context.noteFile(path)
  try {
    const content = readFileSync(path, 'utf8')
    if (content.trim() !== '') return content
  } catch {
    return complain(report, place.node.span, {
      code: 'missing_file',
      message: `${place.path}: cannot read ${path}`,
    })
  }
  return complain(report, place.node.span, {
    code: 'missing_file',
    message: `${place.path}: ${path} is empty`,
  })
}
