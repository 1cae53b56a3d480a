import type { Finding } from '../texts.ts'

const find = (code: string, text: string): Finding => ({ code, text })
const list = (words: readonly string[]): string => words.join(', ')

/** What types an input may have; GitLab lists them in this order. */
export const INPUT_TYPES = ['array', 'boolean', 'number', 'string'] as const
export type InputType = (typeof INPUT_TYPES)[number]

// Giving values.
export const notDefined = find(
  'inputs.unknown',
  'Given inputs not defined in the `spec` section of the included configuration file',
)
export const notGivenAsHash = find('inputs.type', 'Given inputs must be a hash')
export const unknownArguments = (names: readonly string[]): Finding =>
  find('inputs.unknown', `unknown input arguments: ${list(names)}`)
export const unknownSpecification = (name: string): Finding =>
  find(
    'inputs.specification',
    `unknown input specification for \`${name}\` (valid types: ${list(INPUT_TYPES)})`,
  )

const about = (code: string, name: string, text: string): Finding => find(code, `\`${name}\` input: ${text}`)

export const required = (name: string): Finding =>
  about('inputs.required', name, 'required value has not been provided')
export const wrongType = (name: string, type: InputType, kind: 'default' | 'provided'): Finding =>
  about('inputs.type', name, `${kind} value is not ${type === 'array' ? 'an' : 'a'} ${type}`)
/** GitLab words it differently for numbers. */
export const notAnOption = (name: string, value: string, type: InputType): Finding =>
  about(
    'inputs.options',
    name,
    `\`${value}\` cannot be used because it is not in the list of ${type === 'number' ? 'the ' : ''}allowed options`,
  )
export const optionsNotAllowed = (name: string): Finding =>
  about('inputs.specification', name, 'Options can only be used with string and number inputs')
export const regexNotAllowed = (name: string): Finding =>
  about('inputs.specification', name, 'RegEx validation can only be used with string inputs')
export const regexMismatch = (name: string, kind: 'default' | 'provided'): Finding =>
  about('inputs.regex', name, `${kind} value does not match required RegEx pattern`)
export const regexInvalid = (name: string): Finding =>
  about('inputs.specification', name, 'invalid regular expression')
export const ruleWithoutEffect = (name: string): Finding =>
  about('inputs.specification', name, "rule with 'if' must define 'options' or 'default'")
export const fallbackWithoutOptions = (name: string): Finding =>
  about('inputs.specification', name, "fallback rule must define 'options'")

// The header.
export const undefinedReferences = (index: number, names: readonly string[]): Finding =>
  find('inputs.specification', `rule[${index}] references undefined inputs: ${list(names)}`)
export const ruleCycle = find('inputs.specification', 'circular dependency detected')
export const tooManyOptions = find('value.range', 'cannot define more than 50 options')
export const nullOption = find('value.type', 'options array cannot contain null values')
export const notAlphanumeric = find('value.type', 'must be an alphanumeric string')
export const duplicateInputs = (names: readonly string[]): Finding =>
  find(
    'inputs.duplicate',
    `Duplicate input keys found: ${list(names)}. Input keys must be unique across all included files and inline specifications.`,
  )

// Blocks.
export const badAccess = find('interpolation.syntax', 'invalid interpolation access pattern')
export const accessTooLong = find('interpolation.size', 'maximum interpolation expression size exceeded')
export const unknownKey = (key: string): Finding =>
  find('interpolation.unknown', `unknown interpolation key: \`${key}\``)
export const badIndex = (text: string): Finding => find('interpolation.index', text)
export const tooManyFunctions = find('interpolation.size', 'too many functions in interpolation block')
export const noFunction = (text: string): Finding =>
  find(
    'interpolation.function',
    `no function matching \`${text}\`: check that the function name, arguments, and types are correct`,
  )
export const functionFailed = (name: string, reason: string): Finding =>
  find('interpolation.function', `error in \`${name}\` function: ${reason}`)
export const tooManyBlocks = find('interpolation.size', 'too many interpolation blocks')
export const nodeTooLarge = find('interpolation.size', 'config node too large')
export const configTooLarge = find('interpolation.size', 'config too large')
