import { EXIT } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'

/** GitLab's sentence, and where was looked. */
export function missingConfig(path: string): Failure {
  return failure(
    EXIT.usage,
    'missing_config',
    'Missing CI config file',
    `there is no ${path} in this repository; \`--file PATH\` names another`,
  )
}
