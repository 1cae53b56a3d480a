import type { YamlMapping } from '../../yaml/node.ts'
import * as words from '../keyword-texts.ts'
import { entryError, type Report } from '../report.ts'
import { child, isMapping, isString } from './nodes.ts'

/** GitLab: `schemas/imageable/executor_opts.json`, with the most characters of each text; null: also a number. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, number | null>>>> = {
  docker: { platform: 64, user: 255 },
  kubernetes: { user: null },
}

/** `docker` and `kubernetes` of an image or a service. GitLab judges them by a JSON schema. */
export function checkExecutorOptions(image: YamlMapping, report: Report): void {
  for (const [executor, known] of Object.entries(OPTIONS)) {
    const node = child(image, executor)
    if (node === undefined) continue
    if (isMapping(node)) checkOptions(node, known, `/${executor}`, report)
    else entryError(report, node.span, 'executor_opts', words.schemaType('object')(`/${executor}`))
  }
}

function checkOptions(
  { entries }: YamlMapping,
  known: Readonly<Record<string, number | null>>,
  at: string,
  report: Report,
): void {
  for (const { key, value } of entries.values()) {
    const place = `${at}/${key.text}`
    const longest = known[key.text]
    if (longest === undefined) {
      entryError(report, key.span, 'executor_opts', words.schemaProperty(place))
      continue
    }
    if (longest === null) continue
    if (!isString(value)) entryError(report, value.span, 'executor_opts', words.schemaType('string')(place))
    else if (value.value === '') entryError(report, value.span, 'executor_opts', words.schemaTooShort(place))
    else if (value.value.length > longest)
      entryError(report, value.span, 'executor_opts', words.schemaTooLong(longest)(place))
  }
}
