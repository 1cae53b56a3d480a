/** A cache's key as it is used, and what the log says of it. */
export interface CacheKey {
  /** Null: there is nothing to go by, and `problem` says why. */
  readonly key: string | null
  readonly warning: string | null
  readonly problem: string | null
}

/**
 * gitlab-runner (`cachekey.Sanitize`): encoded slashes and dots are decoded, a backslash is a slash, `..` cannot lead out, white
 * space at the end goes. An empty key is the job's name and its ref.
 */
export function cacheKeyOf(expanded: string, job: { readonly name: string; readonly ref: string }): CacheKey {
  const raw = expanded === '' ? cleanPath(`/${job.name}/${job.ref}`).slice(1) : expanded
  if (raw === '') return { key: null, warning: null, problem: 'empty cache key' }
  const key = sanitize(raw)
  if (key === '') {
    const warning = `cache key ${quoteAsGo(raw)} could not be sanitized`
    return { key: null, warning, problem: 'empty cache key' }
  }
  const warning = key === raw ? null : `cache key ${quoteAsGo(raw)} sanitized to ${quoteAsGo(key)}`
  return { key, warning, problem: null }
}

function sanitize(raw: string): string {
  const decoded = raw.replace(/%2f/gi, '/').replace(/%2e/gi, '.').replaceAll('\\', '/')
  const parts = cleanPath(`/${decoded}`).slice(1).split('/')
  while (parts.length > 0) {
    const last = (parts.pop() ?? '').trimEnd()
    if (last !== '') return [...parts, last].join('/')
  }
  return ''
}

/** Go's `path.Clean` of an absolute path. */
function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Go's `%q`, for what a key may hold. */
function quoteAsGo(text: string): string {
  return JSON.stringify(text)
}

/** The folder that stands for a key: itself where that is a plain name. */
export function folderOfKey(key: string, hash: (text: string) => string): string {
  const name = encodeURIComponent(key).replace(/^\./, '%2E')
  return name.length <= LONGEST ? name : `${name.slice(0, 100)}~${hash(key)}`
}

/** Of a file's name, on every usual file system, with room for what we add. */
const LONGEST = 200
