/** What `default:` may hold. */
export const DEFAULT_KEYWORDS = [
  'after_script',
  'artifacts',
  'before_script',
  'cache',
  'hooks',
  'id_tokens',
  'identity',
  'image',
  'interruptible',
  'retry',
  'services',
  'tags',
  'timeout',
]

/** GitLab still takes these at the top level, where they act like `default:`. */
export const DEPRECATED_GLOBALS = ['after_script', 'before_script', 'cache', 'image', 'services']
