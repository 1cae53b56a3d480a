/** One document of a file; offsets are those of the file. */
export interface DocumentText {
  /** The file up to the end of the document. */
  readonly text: string
  readonly start: number
  /** Start of the line that `start` is in. */
  readonly lineStart: number
  /** Begun by `---`. */
  readonly explicit: boolean
}

/**
 * Cuts a file into documents as GitLab does, which splits the text at lines that begin with `---` and a blank before Ruby
 * sees it (`MultiDocYaml`), so that no document can see another's anchors. Of more than `allowed` documents only so many
 * are returned that the caller notices.
 */
export function splitDocuments(text: string, allowed: number): DocumentText[] {
  const dividers = Array.from(text.matchAll(/^---(?=\s)/gm), (match) => match.index).slice(0, allowed + 2)
  const end = dividers[0] ?? text.length
  const start = text.startsWith('\ufeff') ? 1 : 0
  const documents =
    dividers.length > 0 && isProlog(text.slice(start, end))
      ? []
      : [{ text: text.slice(0, end), start, lineStart: start, explicit: false }]
  for (const [index, divider] of dividers.entries()) {
    documents.push({
      text: text.slice(0, dividers[index + 1]),
      start: divider + 3,
      lineStart: divider,
      explicit: true,
    })
  }
  return documents
}

/** Comments and directives in front of the first `---`. */
function isProlog(text: string): boolean {
  return text.split(/\r\n|\r|\n/).every((line) => /^\s*(?:#.*)?$|^%/.test(line))
}
