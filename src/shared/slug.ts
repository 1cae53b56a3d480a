/** GitLab's slug of a ref, a path or a job name: lower case, at most 63 bytes, everything but [0-9a-z] a dash, no dash at the ends. */
export function slugify(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
}
