import type { Variable } from '../../model/variable.ts'
import { fnmatch } from '../../shared/fnmatch.ts'

/**
 * Tells whether a script's text names a path of the repository: the path itself, a folder above it, or a glob that it fits.
 * The first word of a command is a program's name, and counts only where it has a slash. Values of the job's own variables are
 * put in; what a script computes is not known.
 */
export function namedInScript(
  lines: readonly string[],
  variables: readonly Pick<Variable, 'key' | 'value'>[],
): (path: string) => boolean {
  const values = new Map(variables.map(({ key, value }) => [key, value]))
  const names = new Set<string>()
  const globs = new Set<string>()
  const texts = lines.map((line) => withValues(line, values))
  for (const word of texts.flatMap((text) => [...wordsOf(text), ...wordsWithSpaces(text)])) {
    for (const name of namesIn(word)) (/[*?[{]/.test(name) ? globs : names).add(name)
  }
  return (path) => {
    const parts = path.split('/')
    const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    if (names.has('.') || prefixes.some((prefix) => names.has(prefix))) return true
    return [...globs].some((glob) => prefixes.some((prefix) => fnmatch(glob, prefix)))
  }
}

/** The folder of the repository, as scripts write it. */
const ROOT = /^(?:\$\{?(?:CI_PROJECT_DIR|PWD)\}?|\.)\/+/

function withValues(line: string, values: ReadonlyMap<string, string>): string {
  return line.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (text, braced: string | undefined, plain: string | undefined) =>
      values.get(braced ?? plain ?? '') ?? text,
  )
}

/** The words of a shell text, without those that can only be the name of a program. */
function wordsOf(line: string): string[] {
  return line.split(/\n|;|&&|\|\|?|&|\(|\)/).flatMap((command) => {
    const words = command.split(/\s+/).filter((word) => word !== '')
    const first = words.findIndex((word) => !BEFORE_COMMAND.test(word))
    return words.filter((word, index) => index !== first || word.includes('/'))
  })
}

/** Assignments and words after which a command begins. */
const BEFORE_COMMAND = /^(?:\w+=.*|if|then|elif|else|while|until|do|!|\{|time|exec|sudo|env|nice|xargs)$/s

/**
 * The words that have white space in them: between quotes, or behind a backslash. They may also be commands for another
 * shell.
 */
function wordsWithSpaces(line: string): string[] {
  const words = line.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\]|["'\\])+/gs) ?? []
  return words.filter((word) => /\s/.test(word))
}

/** `--config=a/b`, `a:b`, `"a/b"`: the paths that a word may have. */
function namesIn(word: string): string[] {
  const plain = word.replace(/["'`]/g, '').replace(/\\(?=[\s()&'"])/g, '')
  const parts = [plain, ...plain.split(/[=:<>,]/)]
  return [...new Set(parts.flatMap((part) => normalized(part) ?? []))]
}

function normalized(part: string): string | undefined {
  const path = part
    .replace(ROOT, './')
    .replace(/^(?:\.\/+)+(?=.)/, '')
    .replace(/\/+(?:\.\.\.)?$/, '')
    .replace(/\/\.?\/+/g, '/')
  if (path === '' || path === '..' || path.startsWith('-') || path.startsWith('/') || path.includes('$'))
    return undefined
  return path === '...' ? '.' : path
}
