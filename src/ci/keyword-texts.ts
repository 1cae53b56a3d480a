// GitLab's sentences about the keywords whose effect lies outside one machine: cache, environment, release, pages, secrets, triggers.
// Those of all other keywords stand in texts.ts.
import type { Finding } from './texts.ts'

const list = (words: readonly string[]): string => words.join(', ')

// cache
export const notACacheKey: Finding = {
  code: 'value.type',
  text: 'should be a hash, a string or a symbol',
}
export const notAStringOrSymbol: Finding = { code: 'value.type', text: 'should be a string or symbol' }
export const slashInKey: Finding = { code: 'value.unknown', text: 'cannot contain the "/" character' }
export const dotKey: Finding = { code: 'value.unknown', text: 'cannot be "." or ".."' }
export const notACachePolicy: Finding = {
  code: 'value.unknown',
  text: 'should be a variable or one of: pull-push, push, pull',
}
/** GitLab's spelling. */
export const tooManyFallbackKeys: Finding = {
  code: 'value.range',
  text: 'has to many entries (maximum 5)',
}
export const tooManyCaches: Finding = { code: 'value.range', text: 'no more than 4 caches can be created' }
export const tooFewItems: Finding = { code: 'value.range', text: 'requires at least 1 item' }
export const tooManyItems = (most: number): Finding => ({
  code: 'value.range',
  text: `has too many items (maximum is ${most})`,
})

// environment
export const badEnvironmentName: Finding = {
  code: 'value.unknown',
  text: "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'",
}
export const notAnAction: Finding = {
  code: 'value.unknown',
  text: 'should be start, stop, prepare, verify, or access',
}
export const notATier = (tiers: readonly string[]): Finding => ({
  code: 'value.unknown',
  text: `must be one of ${list(tiers)}`,
})
export const saidTwice = (key: string): Finding => ({
  code: 'keyword.conflict',
  text: `cannot be specified when ${key} is set`,
})

/** Whole sentences. */
export const stopJob = (job: string, stop: string, text: string): Finding => ({
  code: 'environment.on_stop',
  text: `${job} job: on_stop job ${stop} ${text}`,
})

// release
export const notADateTime: Finding = { code: 'value.type', text: 'must be a valid datetime' }
export const notARef: Finding = { code: 'value.unknown', text: 'must be a valid ref' }
export const notAUrl: Finding = {
  code: 'value.unknown',
  text: 'is blocked: only allowed schemes are http, https',
}

// artifacts:reports
export const notACoverageFormat: Finding = {
  code: 'value.unknown',
  text: 'must be one of supported formats: cobertura, jacoco.',
}

// pages
export const onlyInPages: Finding = {
  code: 'keyword.conflict',
  text: 'can only be used within a `pages` job',
}
export const publishTwice: Finding = {
  code: 'keyword.conflict',
  text: 'these keys cannot be used together: publish, pages',
}

// needs and trigger
export const invalidNeedTypes = (types: readonly string[]): Finding => ({
  code: 'needs.type',
  text: `uses invalid types: ${list(types)}`,
})
export const emptyNeeds: Finding = { code: 'value.blank', text: 'can not be an empty hash' }
export const tooManyUpstream: Finding = { code: 'needs.count', text: 'must be less than or equal to 5' }
export const needNameTooLong = (job: string, need: string, most: number): Finding => ({
  code: 'value.range',
  text: `${job} job: need \`${need}\` name is too long (maximum is ${most} characters)`,
})
export const onlyUpstreamNeeds: Finding = {
  code: 'dependencies.not_needed',
  text: 'corresponding to dependencies must be from the same pipeline',
}
export const noNumberHere: Finding = { code: 'value.unexpected', text: 'cannot use "parallel: <number>".' }
export const notATrigger: Finding = { code: 'value.type', text: 'has to be either a string or a hash' }
export const twoBridgeNeeds: Finding = {
  code: 'needs.count',
  text: 'should contain at most one bridge need',
}
export const notAStrategy: Finding = { code: 'value.unknown', text: 'should be depend or mirror' }
export const artifactWithoutJob: Finding = {
  code: 'keyword.missing',
  text: 'must specify the job where to fetch the artifact from',
}
export const projectWithoutFile: Finding = {
  code: 'keyword.missing',
  text: 'must specify the file where to fetch the config from',
}
export const tooManyIncludes: Finding = { code: 'value.range', text: 'is too long (maximum is 3)' }

// secrets, tokens, inputs, steps
export const tokenRequired: Finding = {
  code: 'keyword.missing',
  text: 'token is required with gcp secrets manager',
}
export const noDefault: Finding = { code: 'inputs.default', text: 'must have a default value' }
export const tooManyInputs: Finding = { code: 'value.range', text: 'has too many entries (maximum 50)' }
export const tooManyOptions: Finding = {
  code: 'value.range',
  text: 'cannot define more than 50 options',
}

// The steps of `run`: what the JSON schema validator says (json_schemer), about a place like `/0/env/A`.
type AtPlace = (at: string) => Finding
const place = (at: string): string => (at === '' ? 'root' : `\`${at}\``)
export const schemaType =
  (type: 'array' | 'object' | 'string'): AtPlace =>
  (at) => ({
    code: 'value.type',
    text: `value at ${place(at)} is not ${type === 'string' ? 'a' : 'an'} ${type}`,
  })
export const schemaRequired =
  (keys: string): AtPlace =>
  (at) => ({
    code: 'keyword.missing',
    text: `object at ${place(at)} is missing required properties: ${keys}`,
  })
export const schemaProperty: AtPlace = (at) => ({
  code: 'keyword.unknown',
  text: `object property at ${place(at)} is a disallowed additional property`,
})
export const schemaPattern =
  (pattern: string): AtPlace =>
  (at) => ({ code: 'value.unknown', text: `string at ${place(at)} does not match pattern: ${pattern}` })
export const schemaTooShort: AtPlace = (at) => ({
  code: 'value.range',
  text: `string length at ${place(at)} is less than: 1`,
})
export const schemaTooLong =
  (most: number): AtPlace =>
  (at) => ({ code: 'value.range', text: `string length at ${place(at)} is greater than: ${most}` })
export const schemaNot: AtPlace = (at) => ({
  code: 'keyword.conflict',
  text: `value at ${place(at)} matches \`not\` schema`,
})
