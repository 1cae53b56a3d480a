import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { IdTokenPlan, SecretPlan } from '../../model/keyword-plans.ts'
import type { JobValues } from '../config.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBlank, isBoolean, isMapping, isSequence, isString, strings } from './nodes.ts'
import { readText } from './scalars.ts'

const PROVIDERS = [
  'vault',
  'azure_key_vault',
  'gcp_secret_manager',
  'aws_secrets_manager',
  'akeyless',
  'gitlab_secrets_manager',
]

/** `secrets`: names and who keeps their values. The addresses inside a provider are its own affair. */
export function readSecrets(node: YamlNode, report: Report): JobValues['secrets'] | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  const secrets: (SecretPlan & { span: YamlNode['span'] })[] = []
  for (const { key, value } of node.entries.values()) {
    const secret = readSecret(key.text, value, under(report, key.text))
    if (secret !== undefined) secrets.push({ ...secret, span: key.span })
  }
  return secrets
}

function readSecret(name: string, node: YamlNode, report: Report): SecretPlan | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkKeys(node, [...PROVIDERS, 'file', 'token'], report)
  const given = PROVIDERS.filter((provider) => node.entries.has(provider))
  const [provider] = given
  if (provider === undefined || given.length > 1)
    return configError(report, node.span, texts.exactlyOneOf(PROVIDERS))
  readText(child(node, 'token'), 'token', report)
  const file = child(node, 'file')
  if (file !== undefined && !isBoolean(file)) configError(under(report, 'file'), file.span, texts.notABoolean)
  if (provider === 'gcp_secret_manager' && isBlank(child(node, 'token')))
    entryError(report, node.span, '', words.tokenRequired)
  checkProvider(node, provider, report)
  return { name, provider, file: !isBoolean(file) || file.value }
}

/** Vault and AWS also take a text; the others say what they want in a hash with a name. */
function checkProvider(secret: YamlMapping, provider: string, report: Report): void {
  const node = child(secret, provider)
  const at = under(report, provider)
  const shortForm = provider === 'vault' || provider === 'aws_secrets_manager'
  if (node === undefined) configError(at, secret.span, texts.notAHash)
  else if (shortForm ? !isMapping(node) && !isString(node) : !isMapping(node))
    configError(at, node.span, shortForm ? texts.notAHashOrString : texts.notAHash)
}

/** `id_tokens`: names and the audience of each. */
export function readIdTokens(node: YamlNode, report: Report): readonly IdTokenPlan[] | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  const tokens: IdTokenPlan[] = []
  for (const { key, value } of node.entries.values()) {
    const aud = readAudience(value, under(report, key.text))
    if (aud !== undefined) tokens.push({ name: key.text, aud })
  }
  return tokens
}

function readAudience(node: YamlNode, report: Report): readonly string[] | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkKeys(node, ['aud'], report)
  const aud = node.entries.get('aud')?.value
  if (aud === undefined) return configError(report, node.span, texts.missingKeys(['aud']))
  if (isString(aud)) return [aud.value]
  return (
    (isSequence(aud) ? strings(aud) : undefined) ??
    entryError(report, aud.span, 'aud', texts.notStringsOrString)
  )
}

/** `identity`: the only provider GitLab knows. */
export function readIdentity(node: YamlNode, report: Report): string | undefined {
  if (isString(node) && node.value === 'google_cloud') return node.value
  if (!isString(node)) return configError(report, node.span, texts.notAString)
  return configError(report, node.span, texts.oneOf(['google_cloud']))
}
