import type { ProjectVariable } from '../../model/variable.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { StoredVariable, VariableContent } from '../../store/project-variables.ts'
import type { EngineContext } from '../context.ts'

/** Messages by field, in GitLab's words. */
export type VariableErrors = Readonly<Record<string, readonly string[]>>

/** What is done with project variables that are kept in the state folder. Declared ones are the configuration's to change. */
export interface ProjectVariables {
  create(projectId: number, content: VariableContent): Result<StoredVariable, VariableErrors>
  /** Undefined when it is no longer there. */
  update(id: number, changes: Partial<VariableContent>): Result<StoredVariable, VariableErrors> | undefined
  /** False when it was not there. */
  remove(id: number): boolean
}

export function makeProjectVariables({ store, clock, projects }: EngineContext): ProjectVariables {
  function taken(projectId: number, content: VariableContent, except: number | null): boolean {
    const declared = projects.find(projectId)?.variables ?? []
    const stored = store.projectVariables.ofProject(projectId).filter(({ id }) => id !== except)
    return (
      stored.some((other) => isSame(other, content)) ||
      declared.some((other) => other.declaredAt !== undefined && isSame(other, content))
    )
  }

  function check(projectId: number, content: VariableContent, except: number | null): VariableErrors {
    const errors = validate(content)
    if (!taken(projectId, content, except)) return errors
    return { ...errors, key: [...(errors['key'] ?? []), `(${content.key}) has already been taken`] }
  }

  return {
    create: (projectId, given) =>
      store.write('full', () => {
        const content = { ...given, key: given.key.trim() }
        const errors = check(projectId, content, null)
        if (Object.keys(errors).length > 0) return err(errors)
        const id = store.projectVariables.add(projectId, content, clock.now())
        return ok(must(store.projectVariables.find(id)))
      }),
    update: (id, changes) =>
      store.write('full', () => {
        const before = store.projectVariables.find(id)
        if (!before) return undefined
        const content = { ...before, ...changes }
        if (before.hidden && !content.masked) return err(KEPT_HIDDEN)
        const errors = check(before.projectId, content, id)
        if (Object.keys(errors).length > 0) return err(errors)
        store.projectVariables.update(id, content, clock.now())
        return ok(must(store.projectVariables.find(id)))
      }),
    remove: (id) => store.write('full', () => store.projectVariables.remove(id)),
  }
}

const KEPT_HIDDEN: VariableErrors = {
  base: ['The visibility setting cannot be changed for masked and hidden variables.'],
}

const LONGEST = 255
/** GitLab: `Ci::Maskable`; what is expanded may hold no character that could end a variable's name. */
const MASKABLE = /^[a-zA-Z0-9_+=/@:.~-]{8,}$/
const MASKABLE_RAW = /^\S{8,}$/

function validate(content: VariableContent): VariableErrors {
  const found: Record<string, string[]> = {}
  const complain = (field: string, text: string): void => void (found[field] ??= []).push(text)
  if (content.key === '') complain('key', "can't be blank")
  if (content.key.length > LONGEST) complain('key', `is too long (maximum is ${LONGEST} characters)`)
  if (!/^\w+$/.test(content.key)) complain('key', "can contain only letters, digits and '_'.")
  if (content.key.startsWith('SLUICE_')) complain('key', 'SLUICE_* is reserved')
  if (content.masked && !(content.raw ? MASKABLE_RAW : MASKABLE).test(content.value))
    complain('value', 'is invalid')
  if (content.environmentScope.trim() === '') complain('environment_scope', "can't be blank")
  else if (!/^[\w\-./${} *]+$/.test(content.environmentScope))
    complain(
      'environment_scope',
      "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces",
    )
  if (content.environmentScope.length > LONGEST)
    complain('environment_scope', `is too long (maximum is ${LONGEST} characters)`)
  if (Array.from(content.description ?? '').length > LONGEST)
    complain('description', `is too long (maximum is ${LONGEST} characters)`)
  return found
}

function isSame(a: Pick<ProjectVariable, 'key' | 'environmentScope'>, b: VariableContent): boolean {
  return a.key === b.key && a.environmentScope === b.environmentScope
}

function must(variable: StoredVariable | undefined): StoredVariable {
  if (!variable) throw new Error('Bug: a variable that was written is not there')
  return variable
}
