import type { Form } from './form.ts'
import type { FormVariable } from './variable-rows.tsx'

/** The rows of a form that have a key. */
export function readVariables(form: Form, name: string): FormVariable[] {
  return form.rows(name).flatMap((row) => {
    const key = row.text('key')?.trim() ?? ''
    const type = row.text('type') === 'file' ? 'file' : 'env_var'
    return key === '' ? [] : [{ key, value: row.text('value') ?? '', type }]
  })
}

/** GitLab's complaints about keys; undefined when there is none. */
export function wrongKeys(variables: readonly FormVariable[]): string | undefined {
  const seen = new Set<string>()
  for (const { key } of variables) {
    if (!/^\w+$/.test(key)) return `Variable key "${key}" can contain only letters, digits and '_'.`
    if (key.length > 255) return 'Variable key is too long (maximum is 255 characters)'
    if (key.startsWith('SLUICE_')) return `Variable key "${key}": SLUICE_* is reserved`
    if (seen.has(key)) return `Duplicate variable name: ${key}`
    seen.add(key)
  }
  return undefined
}
