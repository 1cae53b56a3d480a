import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'

/**
 * The `yaml` package, loaded only for the rare file that needs it: its 70 modules cost more time than reading a common CI
 * file altogether. `require`, because reading a file is synchronous.
 */
export function yamlPackage(): YamlPackage {
  loaded ??= createRequire(import.meta.url)('yaml') as YamlPackage
  return loaded
}

type YamlPackage = typeof Yaml

let loaded: YamlPackage | undefined
