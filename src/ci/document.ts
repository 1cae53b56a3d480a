import type { YamlMapping } from '../yaml/node.ts'
import { parseYaml } from '../yaml/parse.ts'
import { addProblem, type Reading } from './report.ts'
import { emptyFile, invalidFormat, unsupported } from './texts.ts'

/** The hash that a CI file holds; undefined when it holds none, which is then reported. */
export function readDocument(
  file: { readonly path: string; readonly text: string },
  reading: Reading,
): YamlMapping | undefined {
  const start = { file: file.path, start: 0, end: 0 }
  if (file.text.trim() === '') return addProblem(reading, start, emptyFile)
  if (looksLikeHtml(file.text)) return addProblem(reading, start, invalidFormat, 'this is an HTML page')
  const parsed = parseYaml(file.text, file.path)
  if (!parsed.ok) {
    reading.problems.push(parsed.error)
    return undefined
  }
  reading.warnings.push(...parsed.value.warnings)
  const [first, second] = parsed.value.documents
  const header = first?.kind === 'mapping' ? first.entries.get('spec') : undefined
  // GitLab: a first document with the key `spec` is a header, and the configuration is the second.
  if (header !== undefined && second !== undefined) {
    return addProblem(reading, header.key.span, { code: unsupported.code, text: `spec ${unsupported.text}` })
  }
  if (first?.kind === 'mapping') return first
  return addProblem(
    reading,
    first?.span ?? start,
    invalidFormat,
    'the top level of a CI file is a list of "key: value" pairs',
  )
}

/** GitLab looks at the first 512 bytes. */
function looksLikeHtml(text: string): boolean {
  const start = text.slice(0, 512).toLowerCase()
  return start.includes('<html') || start.includes('<!doctype html')
}
