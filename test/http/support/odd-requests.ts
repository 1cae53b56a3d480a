import fc from 'fast-check'
import type { Sent } from './request.ts'

/** Values that have broken other servers, beside some that mean something here. */
const ODD = [
  '',
  ' ',
  '-1',
  '0',
  '1',
  '2',
  '9',
  '99999999999999999999',
  '1e9',
  '1.5',
  'true',
  'null',
  '\0',
  'ü',
  '\u{1f4a5}',
  '\ud800',
  '../../etc/passwd',
  '..',
  '%',
  '%00',
  "' or 1=1 --",
  '"; drop table jobs',
  '$(id)',
  '--upload-pack=x',
  '__proto__',
  'constructor',
  'main',
  'refs/heads/main',
  'HEAD',
  'build',
  'group/app',
  'running',
  'desc',
  'keyset',
  '2016-11-04',
  '2016-99-99T99:99:99Z',
  '+275760-09-13T00:00:00.000Z',
  '* * * * *',
  '*',
  '[',
  '(a+)+$',
  'a: {script: [x]}',
  'a: [',
  '&a [*a]',
  'x'.repeat(5000),
] as const

const NAMES = `
id token ref sha variables variables[A] variables[] variables[][key] variables[A][b] inputs inputs[a] page
per_page scope scope[] status source order_by sort name username yaml_errors updated_after created_before
pagination cursor description key expires_at value filter filter[environment_scope] environment_scope
masked raw protected variable_type masked_and_hidden cron cron_timezone active content dry_run include_jobs
content_ref state coverage context target_url job byte_offset byte_limit search regex allowed_refs
allowed_variables allowed_networks rate_limit webhook_secret since job_variables_attributes
job_variables_attributes[][key] process_mode format __proto__[x] a[[b strategy limit scopes[] reset all
sudo job_token simple membership
`
  .trim()
  .split(/\s+/)

export const oddValue = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...ODD) },
  fc.string({ unit: 'binary' }),
)
const fields = fc.array(fc.tuple(fc.constantFrom(...NAMES), oddValue), { maxLength: 5 })
const members = fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(oddValue, fc.jsonValue()))
const jsonBody = fc.oneof({ weight: 3, arbitrary: members }, fc.jsonValue())

export type Fields = readonly (readonly [string, string])[]

export function encoded(pairs: Fields): string {
  return pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&')
}

/** In a form or a path; half a surrogate pair has no UTF-8. */
export function escape(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
}

/** The four ways in which a trigger's parameters may come, and a fifth that is refused. */
export const ENCODINGS = ['query', 'form', 'multipart', 'json', 'other'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** The same fields in one of the encodings; `query` is to be put behind the path. */
export function encodedAs(encoding: Encoding, pairs: Fields, json: unknown): { query: string; sent: Sent } {
  const typed = (type: string, body: string): { query: string; sent: Sent } => ({
    query: '',
    sent: { headers: { 'Content-Type': type }, body },
  })
  switch (encoding) {
    case 'query':
      return { query: `?${encoded(pairs)}`, sent: {} }
    case 'form':
      return typed('application/x-www-form-urlencoded', encoded(pairs))
    case 'multipart':
      return typed('multipart/form-data; boundary=b', `${pairs.map(part).join('')}--b--\r\n`)
    case 'json':
      return typed('application/json', JSON.stringify(json))
    case 'other':
      return typed('text/plain', encoded(pairs))
  }
}

function part([name, value]: readonly [string, string]): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
}

/** What may be sent to whatever route. */
export const oddRequest = fc.record({
  encoding: fc.constantFrom(...ENCODINGS),
  fields,
  json: jsonBody,
  /** Of an object in JSON. */
  members,
  /** For the parameters of the path, in their order. */
  path: fc.array(oddValue, { minLength: 6, maxLength: 6 }),
})
