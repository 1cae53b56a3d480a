/**
 * A pipeline's error as GitLab keeps it: `ActionController::Base.helpers.sanitize(message, tags: [])` drops every tag and
 * writes what is left as HTML text. So Psych's `(<unknown>): did not find …` reaches the caller as `(): did not find …`.
 */
export function sanitized(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->|<\/?[a-zA-Z][^<>]*>/g, '')
    .replace(/&(?!(?:[a-zA-Z][a-zA-Z0-9]*|#\d+|#[xX][0-9a-fA-F]+);)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
