import { err, ok } from '../../shared/result.ts'
import { isString } from '../config/nodes.ts'
import { shown as display, valueOf } from './location.ts'
import { masked } from './scope.ts'
import type { TargetReader } from './target.ts'
import {
  componentDenied,
  componentMissing,
  componentOutside,
  componentPath,
  componentWithoutRelease,
  notText,
} from './texts.ts'

/** `include:component`: `<host>/<project path>/<name>@<version>`. */
export const readComponent: TargetReader = (location, scope) => {
  const node = valueOf(location, 'component')
  const shown = masked(display(node), scope)
  if (!isString(node)) return err([notText(shown)])
  if (scope.at === null) return err([componentOutside])
  if (parseComponent(node.value) === undefined) return err([componentPath(shown)])
  return ok({
    kind: 'component',
    location: shown,
    request: { kind: 'component', address: node.value, anonymous: scope.anonymous },
    refused: (reason) => {
      if (reason === 'no_access' || reason === 'offline') return componentDenied(shown)
      return reason === 'no_release' ? componentWithoutRelease(shown) : componentMissing(shown)
    },
    empty: componentMissing(shown),
    nested: (found) => ({ ...scope, at: found.at, component: found.component, localPath: null }),
  })
}

export interface ComponentAddress {
  readonly host: string
  readonly project: string
  readonly name: string
  readonly version: string
}

/** The parts of an address: the last part of the path is the component, all before it the project. */
export function parseComponent(address: string): ComponentAddress | undefined {
  const at = address.indexOf('@')
  const parts = address.slice(0, Math.max(at, 0)).split('/')
  const version = address.slice(at + 1)
  const [host = '', ...path] = parts
  const name = path.pop() ?? ''
  const project = path.join('/')
  const complete =
    at !== -1 && version !== '' && host !== '' && path.length > 0 && !path.includes('') && name !== ''
  return complete ? { host, project, name, version } : undefined
}
