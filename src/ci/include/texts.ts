import type { Finding } from '../texts.ts'

const find = (code: string, text: string): Finding => ({ code, text })

/** The kinds of `include`, in the order in which GitLab names them. */
export const SUBKEYS = ['local', 'project', 'remote', 'template', 'artifact', 'component'] as const
/** Those of `spec:include`. */
export const HEADER_SUBKEYS = ['local', 'remote', 'project'] as const
export type Subkey = (typeof SUBKEYS)[number]

export type IncludeWord = 'include' | 'header include'

// All: lib/gitlab/ci/config/external.
export const neitherHashNorString = find('include.type', 'Each include must be a hash or a string')
export const noSubkey = (json: string, word: IncludeWord, subkeys: readonly string[]): Finding =>
  find(
    'include.kind',
    `\`${json}\` does not have a valid subkey for ${word}. Valid subkeys are: \`${subkeys.join('`, `')}\``,
  )
export const severalSubkeys = (subkeys: readonly string[]): Finding =>
  find('include.kind', `Each include must use only one of: \`${subkeys.join('`, `')}\``)
export const tooManyIncludes = (most: number): Finding =>
  find('include.count', `Maximum of ${most} nested includes are allowed!`)
export const tooMuchContent = find('include.size', 'Total size of combined CI/CD configuration is too big')

export const notText = (location: string): Finding =>
  find('include.type', `Included file \`${location}\` needs to be a string`)
export const noExtension = (location: string): Finding =>
  find('include.extension', `Included file \`${location}\` does not have YAML extension!`)
export const emptyOrMissing = (location: string): Finding =>
  find('include.missing', `Included file \`${location}\` is empty or does not exist!`)
export const noContent = (location: string): Finding =>
  find('include.syntax', `Included file \`${location}\` does not have valid YAML syntax!`)
export const headerKeys = (location: string, keys: readonly string[]): Finding =>
  find(
    'include.syntax',
    `Header include file \`${location}\` contains unknown keys: [${keys.map((key) => `:${key}`).join(', ')}]`,
  )

export const localMissing = (path: string): Finding =>
  find('include.missing', `Local file \`${path}\` does not exist!`)
export const localEmpty = (path: string): Finding => find('include.empty', `Local file \`${path}\` is empty!`)
export const localWithoutProject = (path: string): Finding =>
  find('include.no_project', `Local file \`${path}\` does not have project!`)

export const projectDenied = (project: string): Finding =>
  find(
    'include.project',
    `Project \`${project}\` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.`,
  )
export const projectRefMissing = (project: string, ref: string): Finding =>
  find('include.ref', `Project \`${project}\` reference \`${ref}\` does not exist!`)
export const projectFileMissing = (project: string, path: string): Finding =>
  find('include.missing', `Project \`${project}\` file \`${path}\` does not exist!`)
export const projectFileEmpty = (project: string, path: string): Finding =>
  find('include.empty', `Project \`${project}\` file \`${path}\` is empty!`)
export const projectWithoutFile = find(
  'include.kind',
  'include config must specify the file where to fetch the config from',
)

export const remoteAddress = (url: string): Finding =>
  find('include.address', `Remote file \`${url}\` does not have a valid address!`)
export const remoteMissing = (url: string): Finding =>
  find('include.missing', `Remote file \`${url}\` could not be fetched because of HTTP code \`404\` error!`)
export const remoteIntegrity = (url: string): Finding =>
  find('include.integrity', `Remote file \`${url}\` failed integrity check!`)
/** Our own text: GitLab would go and fetch it. */
export const offline = (location: string): Finding =>
  find('include.offline', `include "${location}" is not in the cache and Sluice is offline`)
export const integrityForRemote = find(
  'include.integrity',
  'include config integrity can only be specified for remote includes',
)
export const integrityHash = find(
  'include.integrity',
  "include config integrity hash must start with 'sha256-'",
)
export const integrityBase64 = find(
  'include.integrity',
  'include config integrity hash must be base64 encoded',
)

export const templateLocation = (name: string): Finding =>
  find('include.template', `Template file \`${name}\` is not a valid location!`)
export const artifactOutside = find(
  'include.artifact',
  'Including configs from artifacts is only allowed when triggering child pipelines',
)
export const artifactWithoutJob = find(
  'include.artifact',
  'Job must be provided when including configs from artifacts',
)
export const artifactJobMissing = (job: string): Finding =>
  find('include.artifact', `Job \`${job}\` not found in parent pipeline or does not have artifacts!`)
// Gitlab::Ci::ArtifactFileReader.
export const artifactMissing = (path: string, job: string): Finding =>
  find('include.missing', `Path \`${path}\` does not exist inside the \`${job}\` artifacts archive!`)
export const artifactIsFolder = (path: string): Finding =>
  find('include.missing', `Path \`${path}\` was expected to be a file but it was a directory!`)
export const artifactTooLarge = (job: string, sizes: string): Finding =>
  find('include.size', `Artifacts archive for job \`${job}\` is too large: ${sizes}`)
export const artifactEmpty = (path: string): Finding => find('include.empty', `File \`${path}\` is empty!`)

const component = (code: string, address: string, text: string): Finding =>
  find(code, `Component '${address}' - ${text}`)
export const componentOutside = find(
  'include.no_project',
  'Unable to use components outside of a project context',
)
export const componentPath = (address: string): Finding =>
  component('include.address', address, 'the component path is not supported')
export const componentMissing = (address: string): Finding =>
  component('include.missing', address, 'content not found')
export const componentDenied = (address: string): Finding =>
  component('include.project', address, "project does not exist or you don't have sufficient permissions")
export const componentWithoutRelease = (address: string): Finding =>
  component(
    'include.ref',
    address,
    `The ${address.endsWith('@~latest') ? '~latest' : 'partial semantic'} version reference is not supported for non-catalog resources. Use a tag, branch, or commit SHA instead.`,
  )

// include:rules.
export const ruleFailed = (reason: string): Finding => find('include.rules', `include:${reason}`)
/** Our own warning: GitLab passes over it. */
export const unknownIncludeKeys = (keys: readonly string[]): Finding =>
  find('include.unknown_key', `include config contains unknown keys: ${keys.join(', ')}`)
export const nothingMatched = (pattern: string): Finding =>
  find('include.nothing', `no file fits the pattern \`${pattern}\`, so nothing is included`)
