import { err, ok, type Result } from '../result.ts'
import type { CronProblem } from './cron.ts'
import type { Field } from './fields.ts'
import { scanElement, type Element } from './scan-element.ts'
import { match, unexpected, type Scan } from './scan-text.ts'

/** The written list of one field. */
export interface FieldList {
  readonly field: Field
  readonly elements: readonly Element[]
  /** Whether `&` closes it. */
  readonly joins: boolean
  readonly at: number
}

const BLANKS = /[ \t]+/y
/** fugit overlooks superfluous commas, and blanks between them: `,1,,2, ,3,`. */
const COMMAS = /(?:[ \t]*,)*/y
const COMMA = /,(?:[ \t]*,)*/y
const END_OF_LIST = /[ \t&]|$/y

/** Reads all fields; `at` is the offset of the first. */
export function scanFields(
  text: string,
  at: number,
  fields: readonly Field[],
): Result<readonly FieldList[], CronProblem> {
  const lists: FieldList[] = []
  let end = at
  for (const field of fields) {
    const list = scanList(text, end, field)
    if (!list.ok) return list
    lists.push(list.value.value)
    end = list.value.end
    if (lists.length === fields.length) break
    const blanks = match(BLANKS, text, end)
    if (blanks === '') return err(unexpected(text, end, field))
    end += blanks.length
  }
  // GitLab puts a blank and the time zone behind the text, so only blanks may end it.
  const rest = end + match(/ */y, text, end).length
  const last = fields.at(-1)
  return rest < text.length && last ? err(unexpected(text, rest, last)) : ok(lists)
}

function scanList(text: string, start: number, field: Field): Scan<FieldList> {
  const elements: Element[] = []
  let at = start + match(COMMAS, text, start).length
  for (;;) {
    const element = scanElement(text, at, field)
    if (!element.ok) return element
    elements.push(element.value.value)
    const comma = element.value.end + match(COMMA, text, element.value.end).length
    at = element.value.end
    if (comma === at || closes(text, comma)) break
    at = comma
  }
  at += match(COMMAS, text, at).length
  const joins = field.joins && text[at] === '&'
  return ok({ value: { field, elements, joins, at: start }, end: joins ? at + 1 : at })
}

function closes(text: string, at: number): boolean {
  END_OF_LIST.lastIndex = at
  return END_OF_LIST.test(text)
}
