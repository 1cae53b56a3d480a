import { describe, expect, it } from 'vitest'
import { variable } from '../../../src/model/variable.ts'
import { shownValues } from '../../../src/http/web/shown-value.ts'

const shown = (key: string, value: string, more = {}) =>
  shownValues([variable(key, value, 'trigger', more)])[0]

describe('a value', () => {
  it.each([
    ['UPLOAD_TO_S3', 'true'],
    ['TOKENIZER', 'bpe'],
    ['KEYBOARD', 'qwertz'],
    ['AUTHOR', 'Ann'],
    ['MONKEY', 'x'],
    ['API_TOKEN', ''],
  ])('%s=%s is shown', (key, value) => {
    expect(shown(key, value)).toEqual({ kind: 'text', text: value })
  })

  it.each([
    ['API_TOKEN', 'x', 'its name is that of a secret'],
    ['token', 'x', 'its name is that of a secret'],
    ['DB_PASSWORD', 'x', 'its name is that of a secret'],
    ['AWS_SECRET_ACCESS_KEY', 'x', 'its name is that of a secret'],
    ['SSH_KEY', 'x', 'its name is that of a secret'],
    ['WHO', 'glptt-0123456789', 'it looks like a token'],
    ['WHO', 'see glpat-0123456789', 'it looks like a token'],
    ['WHO', 'ghp_0123456789', 'it looks like a token'],
    ['WHO', 'eyJhbGciOiJI.eyJzdWIi.x', 'it looks like a token'],
    ['WHO', '-----BEGIN OPENSSH PRIVATE KEY-----', 'it looks like a token'],
  ])('%s=%s is hidden', (key, value, why) => {
    expect(shown(key, value)).toEqual({ kind: 'hidden', why })
  })

  it('that is masked is hidden', () => {
    expect(shown('PLAIN', 'x', { masked: true })).toEqual({ kind: 'hidden', why: 'masked' })
  })

  it('of a file is laid out, with its size', () => {
    expect(shown('TRIGGER_PAYLOAD', '{"ref":"é"}', { file: true })).toEqual({
      kind: 'file',
      text: '{\n  "ref": "é"\n}',
      bytes: 12,
    })
    expect(shown('NOTES', 'plain text', { file: true })).toEqual({
      kind: 'file',
      text: 'plain text',
      bytes: 10,
    })
  })

  it('that is hidden is hidden in a payload too, wherever it stands', () => {
    const payload = JSON.stringify({
      variables: { API_TOKEN: 'hush-hush', PLAIN: 'abcd' },
      note: 'hush-hush',
      private_token: 'p',
      url: 'see glpat-abc now',
    })
    const [, , file] = shownValues([
      variable('API_TOKEN', 'hush-hush', 'trigger'),
      variable('PLAIN', 'abcd', 'trigger', { masked: true }),
      variable('TRIGGER_PAYLOAD', payload, 'trigger', { file: true }),
    ])
    expect(JSON.parse(file?.kind === 'file' ? file.text : '')).toEqual({
      variables: { API_TOKEN: '[hidden]', PLAIN: '[hidden]' },
      note: '[hidden]',
      private_token: '[hidden]',
      url: 'see [hidden] now',
    })
  })
})
