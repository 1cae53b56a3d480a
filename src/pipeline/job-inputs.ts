import { regexpSource } from '../ci/config/paths.ts'
import { compilePattern, matches } from '../ci/expression/pattern.ts'
import * as texts from '../ci/inputs/texts.ts'
import type { Job } from '../model/job.ts'
import type { JobInputPlan } from '../model/keyword-plans.ts'
import type { VerbRefusal } from './verbs.ts'

type Inputs = Readonly<Record<string, unknown>>

/**
 * What GitLab objects to in the values given for a job's own `inputs`; undefined when all is well, also for a job that declares
 * none: what is given to it is of no use then.
 */
export function checkJobInputs(
  { options }: Pick<Job, 'options'>,
  given: Inputs | undefined,
): VerbRefusal | undefined {
  const declared = options.inputs ?? []
  const names = Object.keys(given ?? {})
  if (declared.length === 0 || names.length === 0 || !given) return undefined
  const unknown = names.filter((name) => !declared.some((input) => input.name === name))
  const problems =
    unknown.length > 0
      ? [`Unknown input${unknown.length > 1 ? 's' : ''}: ${unknown.join(', ')}`]
      : declared.flatMap((input) => (input.name in given ? (problemOf(input, given[input.name]) ?? []) : []))
  return problems.length > 0 ? { reason: 'invalid_inputs', message: problems.join(', ') } : undefined
}

function problemOf(input: JobInputPlan, value: unknown): string | undefined {
  const text = textOf(input, value)
  const type = texts.INPUT_TYPES.find((each) => each === input.type) ?? 'string'
  if (text === undefined) return texts.wrongType(input.name, type, 'provided').text
  if (input.options && !input.options.includes(text)) return texts.notAnOption(input.name, text, type).text
  if (input.regex === undefined) return undefined
  const pattern = compilePattern(regexpSource(input.regex))
  if (!pattern.ok) return texts.regexInvalid(input.name).text
  return matches(pattern.value, text) ? undefined : texts.regexMismatch(input.name, 'provided').text
}

/** A value as it stands in a script; undefined when it is not of the input's type. Forms and flags send JSON as text. */
function textOf({ type }: JobInputPlan, value: unknown): string | undefined {
  if (type === 'string') return isPlain(value) ? String(value) : undefined
  const given = typeof value === 'string' ? parsed(value) : value
  if (type === 'array') return Array.isArray(given) ? JSON.stringify(given) : undefined
  return typeof given === type ? String(given) : undefined
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** `${{ job.inputs.NAME }}`, spaces optional; an escaped one has a backslash before it. */
const REFERENCE = /\\?\$\{\{\s*job\.inputs\.([A-Za-z_][\w-]*)\s*\}\}/g

/**
 * A job whose texts hold the values of its `inputs`: those given when it was started, else the defaults. GitLab lets the runner do
 * this, before variables are expanded. Names that are not declared stay as written.
 */
export function withInputs(job: Job, given: Inputs | undefined): Job {
  const declared = job.options.inputs ?? []
  if (declared.length === 0) return job
  const values = new Map(
    declared.map((input) => {
      const value = given && input.name in given ? textOf(input, given[input.name]) : undefined
      return [input.name, value ?? input.default] as const
    }),
  )
  const fill = (text: string): string =>
    text.replace(REFERENCE, (all: string, name: string) =>
      all.startsWith('\\') ? all.slice(1) : (values.get(name) ?? all),
    )
  return { ...job, options: mapTexts(job.options, fill) }
}

function mapTexts<T>(value: T, fill: (text: string) => string): T
function mapTexts(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') return fill(value)
  if (Array.isArray(value)) return value.map((each: unknown) => mapTexts(each, fill))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts<unknown>(each, fill)]))
}
