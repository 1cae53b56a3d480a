import type { YamlNode } from '../../yaml/node.ts'
import { type InputSpec, readInputSpecs } from '../inputs/specification.ts'
import { child } from '../config/nodes.ts'
import { parsedOnce, prefixed, readAll } from './files.ts'
import { type IncludeGrammar, type LocatedInclude, locateIncludes } from './locate.ts'
import type { FoundFile, Refusal } from './port.ts'
import type { IncludeScope } from './scope.ts'
import { headerKeys, HEADER_SUBKEYS, noContent } from './texts.ts'
import { complain, type IncludeWork } from './work.ts'

const GRAMMAR: IncludeGrammar = { word: 'header include', subkeys: HEADER_SUBKEYS }

/**
 * `spec:include`: the inputs that other files declare, each of which holds the single key `inputs`. They count as
 * includes, and include nothing themselves. Undefined when something was wrong.
 */
export async function headerInputs(
  node: YamlNode,
  scope: IncludeScope,
  work: IncludeWork,
): Promise<readonly (readonly [string, InputSpec])[] | undefined> {
  const before = work.reading.problems.length
  const located = await locateIncludes(node, GRAMMAR, scope, work)
  const answers = await readAll(located, [], work)
  const specs = answers.flatMap((answer, index) => {
    const one = located[index]
    return one === undefined ? [] : [...inputsOf(one, answer, work)]
  })
  return work.stopped || work.reading.problems.length > before ? undefined : specs
}

function inputsOf(
  { location, target }: LocatedInclude,
  answer: FoundFile | Refusal,
  work: IncludeWork,
): ReadonlyMap<string, InputSpec> {
  const none = new Map<string, InputSpec>()
  const { span } = location
  if (answer.kind === 'refused') {
    complain(work, span, target.refused(answer.reason), answer.help)
    return none
  }
  work.sources.set(answer.file, answer.text)
  if (!work.trails.has(answer.file)) work.trails.set(answer.file, [span])
  const parsed = parsedOnce(answer, work)
  if (!parsed.ok) {
    complain(work, span, noContent(target.location))
    work.reading.problems.push(prefixed(parsed.error, target.location))
    return none
  }
  const { body } = parsed.value
  if (answer.text.trim() === '') complain(work, span, target.empty)
  else if (body === null) complain(work, span, noContent(target.location))
  if (body === null) return none
  const beyond = [...body.entries.values()].filter(({ key }) => key.text !== 'inputs')
  const [first] = beyond
  if (first) {
    const keys = beyond.map(({ key }) => key.text)
    complain(
      work,
      first.key.span,
      headerKeys(target.location, keys),
      'such a file holds `inputs:` and nothing else',
    )
  }
  work.key.push(`header ${answer.file} ${answer.identity}`)
  return readInputSpecs(child(body, 'inputs'), { reading: work.reading, path: 'header:spec:inputs' })
}
