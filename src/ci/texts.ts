/** The words of a finding, and the stable code that machines match. */
export interface Finding {
  readonly code: string
  readonly text: string
}

const find = (code: string, text: string): Finding => ({ code, text })
const list = (words: readonly string[]): string => words.join(', ')
const quoted = (words: readonly string[]): string =>
  `[${words.map((word) => JSON.stringify(word)).join(', ')}]`

// Shapes: the texts of GitLab's validators (lib/gitlab/config/entry/validators.rb), used with a location and
// an attribute before them.
export const blank = find('value.blank', "can't be blank")
export const mustBeBlank = find('value.unexpected', 'must be blank')
export const notAString = find('value.type', 'should be a string')
export const notABoolean = find('value.type', 'should be a boolean value')
export const notAHash = find('value.type', 'should be a hash')
export const notAnArray = find('value.type', 'should be a array')
export const notAHashOrString = find('value.type', 'should be a hash or a string')
export const notAHashOrBoolean = find('value.type', 'should be a hash or a boolean value')
export const notStrings = find('value.type', 'should be an array of strings')
export const notStringsOrString = find('value.type', 'should be an array of strings or a string')
export const notStringsOrPatterns = find(
  'value.type',
  'should be an array of strings or regular expressions using re2 syntax',
)
export const notStringsOrNested = find(
  'value.type',
  'should be an array of strings or a nested array of strings up to 10 levels deep',
)
export const notACommand = find(
  'value.type',
  'should be a string or a nested array of strings up to 10 levels deep',
)
export const notHashes = find('value.type', 'should be an array of hashes')
export const notNestedHashes = find('value.type', 'should be an array containing hashes and arrays of hashes')
export const notIntegers = find('value.type', 'should be an array of integers or an integer')
export const notAMatrixRow = find('value.type', 'should be a hash of key value pairs, value can be an array')
export const notANumber = find('value.type', 'is not a number')
export const notAnInteger = find('value.type', 'must be an integer')
export const notAPattern = find('value.type', 'must be a regular expression with re2 syntax')
export const notAnArrayOrHash = find('value.type', 'should be an array or a hash')
export const notADuration = find('value.duration', 'should be a duration')
export const overTheLimit = find('value.range', 'should not exceed the limit')
export const invalidExpression = find('expression.syntax', 'invalid expression syntax')
export const tooManyEntries = find('value.range', 'has too many entries (maximum 50)')
export const tooManyTags = (limit: number): Finding =>
  find('value.range', `must be less than the limit of ${limit} tags`)
export const tooManyJobs = find('value.range', 'generates too many jobs (maximum is 200)')
export const atLeast = (least: number): Finding =>
  find('value.range', `must be greater than or equal to ${least}`)
export const atMost = (most: number): Finding => find('value.range', `must be less than or equal to ${most}`)
export const tooLong = (most: number): Finding =>
  find('value.range', `is too long (maximum is ${most} characters)`)
export const oneOf = (words: readonly string[]): Finding =>
  find('value.unknown', `should be one of: ${list(words)}`)
export const unknownValue = (word: string): Finding => find('value.unknown', `unknown value: ${word}`)
export const unknownValues = (words: readonly string[]): Finding =>
  find('value.unknown', `contains unknown values: ${list(words)}`)
export const notInTheList = find('value.unknown', 'is not included in the list')

// Keys.
export const unknownKeys = (keys: readonly string[]): Finding =>
  find('keyword.unknown', `contains unknown keys: ${list(keys)}`)
export const missingKeys = (keys: readonly string[]): Finding =>
  find('keyword.missing', `missing required keys: ${list(keys)}`)
export const disallowedKeys = (keys: readonly string[]): Finding =>
  find('keyword.conflict', `contains disallowed keys: ${list(keys)}`)
export const notTogether = (keys: readonly string[]): Finding =>
  find('keyword.conflict', `these keys cannot be used together: ${list(keys)}`)
export const notWithRules = (keys: readonly string[]): Finding =>
  find('keyword.conflict', `key may not be used with \`rules\`: ${list(keys)}`)
export const exactlyOneOf = (keys: readonly string[]): Finding =>
  find('keyword.conflict', `must use exactly one of these keys: ${list(keys)}`)
export const definedTwice = (key: string): Finding =>
  find('keyword.conflict', `${key} is defined in top-level and \`default:\` entry`)

// Variables.
export const notAVariable = find('variable.type', 'variable definition must be either a string or a hash')
export const invalidDataKeys = (keys: readonly string[]): Finding =>
  find('keyword.unknown', `uses invalid data keys: ${list(keys)}`)
export const mustBeAString = find('variable.type', 'must be a string')
export const mustBeScalar = find('variable.type', 'must be an alphanumeric string')
export const notInOptions = find('variable.options', 'value must be present in options')

// The compilation itself. GitLab has these sentences for files it cannot fetch in time, for sizes, and for its own bugs.
export const compileTooSlow = find('compile.time', 'Request timed out when fetching configuration files.')
export const compileTooLarge = find('compile.memory', 'The parsed YAML is too big')
export const compileUndefined = find('compile.died', 'Undefined error')

// The document.
export const emptyFile = find('file.empty', 'Please provide content of .gitlab-ci.yml')
export const invalidFormat = find('file.format', 'Invalid configuration format')
export const noVisibleJob = find('job.none', 'should contain at least one visible job')
/**
 * A whole sentence. Rails makes words of the name (`run_tests` -> `Run tests`, `check_id` -> `Check`) and GitLab
 * lower-cases the line; of a name that now has only letters and spaces it makes one word again (`run_tests`).
 */
export const notAJob = (name: string): Finding => {
  const words = name.toLowerCase().replace(/[._]/g, ' ').trimStart().replace(/ id$/, '')
  const shown = /^[a-z\s]+$/.test(words) ? words.replaceAll(' ', '_') : words
  return find('job.shape', `jobs ${shown} config should implement the script:, run:, or trigger: keyword`)
}
export const nameNotASymbol = find('job.name', 'should be a symbol')

// Shapes of only, needs, parallel, retry, extends.
export const notAPolicy = find('value.type', 'has to be either an array of conditions or a hash')
export const notNeeds = find('value.type', 'can only be a hash or an array')
export const notANeed = find('value.type', 'has an unsupported type')
export const notParallel = find('value.type', 'should be an integer or a hash')
/** Our own text: GitLab took such patterns until version 12. */
export const outdatedPattern = (ref: string): Finding =>
  find('pattern.outdated', `${ref} has a look-ahead, which GitLab refuses since version 12`)
export const notBooleanOrNames = find('value.type', 'should be a bool or array of strings')
export const notRetry = find('value.type', 'retry config has to be either an integer or a hash')
export const neitherTriggerNorNeeds = find('job.shape', 'should contain either a trigger or a needs:pipeline')
export const globInExposedPaths = find('value.unexpected', "can't contain '*' when used with 'expose_as'")
export const badExposedName = find('value.unknown', "can contain only letters, digits, '-', '_' and spaces")
export const notOnlyNeeds = (names: readonly string[]): Finding =>
  find('dependencies.not_needed', `the ${list(names)} should be part of needs`)

/** GitLab's warning about a last rule that is only `when:`, in a file without `workflow:rules`. */
export const multiplePipelines = find(
  'rules.duplicate_pipelines',
  'may allow multiple pipelines to run for a single action due to `rules:when` clause with no `workflow:rules` - read more: https://docs.gitlab.com/ee/ci/troubleshooting.html#pipeline-warnings',
)

// extends and !reference: whole sentences.
export const extendsUnknown = (key: string, bases: readonly string[]): Finding =>
  find('extends.unknown', `${key}: unknown keys in \`extends\` (${list(bases)})`)
export const extendsInvalid = (key: string, bases: readonly string[]): Finding =>
  find('extends.invalid', `${key}: invalid base hashes in \`extends\` (${list(bases)})`)
export const extendsCycle = (key: string): Finding =>
  find('extends.cycle', `${key}: circular dependency detected in \`extends\``)
export const extendsTooDeep = (key: string): Finding =>
  find('extends.depth', `${key}: nesting too deep in \`extends\``)
export const referenceMissing = (path: readonly string[]): Finding =>
  find('reference.missing', `!reference ${quoted(path)} could not be found`)
/** Our own text. */
export const referenceTooDeep = (path: readonly string[]): Finding =>
  find('reference.depth', `!reference ${quoted(path)} is nested too deep`)
export const referenceCycle = (path: readonly string[]): Finding =>
  find('reference.cycle', `!reference ${quoted(path)} is part of a circular chain`)

// Logical checks: whole sentences that begin with the job's name.
export const unknownStage = (job: string, stage: string, stages: readonly string[]): Finding =>
  find(
    'stage.unknown',
    `${job} job: chosen stage ${stage} does not exist; available stages are ${list(stages)}`,
  )
export const undefinedJob = (job: string, kind: 'need' | 'dependency', name: string): Finding =>
  find(kind === 'need' ? 'needs.unknown' : 'dependencies.unknown', `${job} job: undefined ${kind}: ${name}`)
export const laterStage = (job: string, kind: 'need' | 'dependency', name: string): Finding =>
  find(
    kind === 'need' ? 'needs.later_stage' : 'dependencies.later_stage',
    `${job} job: ${kind} ${name} is not defined in current or prior stages`,
  )
export const duplicateNeeds = (job: string, names: readonly string[]): Finding =>
  find('needs.duplicate', `${job} has the following needs duplicated: ${list(names)}.`)
export const needsCycle = (names: readonly string[]): Finding =>
  find('needs.cycle', `The pipeline has circular dependencies: topological sort failed: ${quoted(names)}`)
export const selfNeed = (job: string): Finding =>
  find('needs.cycle', `The pipeline has circular dependencies: self-dependency: ${job}`)

// Seed checks: found when a pipeline is made.
export const tooManyNeeds = (job: string, most: number, count: number): Finding =>
  find(
    'needs.count',
    `${job}: one job can only need ${most} others, but you have listed ${count}. See needs keyword documentation for more details`,
  )
export const needNotCreated = (job: string, need: string): Finding =>
  find(
    'needs.excluded',
    `'${job}' job needs '${need}' job, but '${need}' does not exist in the pipeline. This might be because of the only, except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional.`,
  )
/** GitLab: `Quota::Size`. */
export const tooManyPipelineJobs = (most: number): Finding =>
  find(
    'pipeline.size',
    `The number of jobs has exceeded the limit of ${most}. Try splitting the configuration with parent-child-pipelines https://docs.gitlab.com/ci/debugging/#pipeline-with-many-jobs-fails-to-start`,
  )
export const ruleFailed = (job: string, reason: string): Finding =>
  find('rules.failed', `Failed to parse rule for ${job}: ${reason}`)
export const variableCycle = (job: string, reason: string): Finding =>
  find('variable.cycle', `${job}: ${reason}`)

/**
 * The newest wording; GitLab 17 said "Pipeline filtered out by workflow rules." and "No stages / jobs for
 * this pipeline.".
 */
export const FILTERED_BY_WORKFLOW =
  'The pipeline did not run. Review the workflow:rules configuration for the pipeline.'
export const FILTERED_BY_RULES =
  'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.'
