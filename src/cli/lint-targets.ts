import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { CONFIG_PATH } from '../app/served-project.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { usageFailure, type Failure } from './failure.ts'

/** A file to check, and the folder that its includes are relative to. */
export interface LintTarget {
  /** Absolute. */
  readonly file: string
  /** Root of the repository, a real path; of a file outside of any its own folder. */
  readonly root: string
  /** As diagnostics call the file: its path below `root`. */
  readonly path: string
  readonly inRepository: boolean
}

/** The files named, or the CI file of the repository; found without git. */
export function filesToLint(names: readonly string[], cwd: string): Result<readonly LintTarget[], Failure> {
  const folder = resolve(cwd)
  if (!existsSync(folder)) return err(usageFailure('cwd.missing', `${folder} does not exist`))
  if (names.length === 0) return defaultFile(folder)
  const targets: LintTarget[] = []
  for (const name of names) {
    const file = resolve(folder, name)
    const kind = statSync(file, { throwIfNoEntry: false })
    if (!kind?.isFile())
      return err(usageFailure('file.missing', `${name} ${kind ? 'is not a file' : 'does not exist'}`))
    targets.push(targetOf(file))
  }
  return ok(targets)
}

function defaultFile(folder: string): Result<readonly LintTarget[], Failure> {
  const root = rootAbove(realpathSync(folder)) ?? folder
  const file = join(root, CONFIG_PATH)
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return ok([targetOf(file)])
  return err(
    usageFailure(
      'missing_config',
      `there is no ${CONFIG_PATH} in ${root}`,
      'name the file: sluice lint FILE',
    ),
  )
}

function targetOf(file: string): LintTarget {
  const folder = realpathSync(dirname(file))
  const root = rootAbove(folder) ?? folder
  const path = relative(root, join(folder, basename(file)))
  return {
    file,
    root,
    path: isAbsolute(path) ? path : path.split(sep).join('/'),
    inRepository: existsSync(join(root, '.git')),
  }
}

/** The nearest folder with a `.git` (a folder, or the file of a linked work tree). */
function rootAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return undefined
  }
}
