import { bubblewrapExecutor } from '../../../src/runner/executors/bubblewrap.ts'
import type { Executor } from '../../../src/runner/executors/executor.ts'
import { shellExecutor } from '../../../src/runner/executors/shell.ts'
import { findShell, type JobShell } from '../../../src/runner/script/shell.ts'

function bash(): JobShell {
  const shell = findShell()
  if (!shell) throw new Error('these tests need bash: apt-get install bash')
  return shell
}

export const shell = (): Executor => shellExecutor(bash())
export const bubblewrap = (): Executor => bubblewrapExecutor({ shell: bash() })
