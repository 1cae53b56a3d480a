import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findExecutor } from '../../app/executor.ts'
import type { Isolation } from '../../model/isolation.ts'
import { findControlGroups } from '../../platform/control-groups.ts'
import { broken, doubtful, fine, type Finding } from './finding.ts'

/** A shell for jobs. */
export async function checkShell(isolation: Isolation, folder: string): Promise<Finding> {
  const found = await findExecutor(plain({ ...isolation, executor: 'shell' }), folder)
  if (!found.ok) return ofText('shell', found.error, 'install one: apt-get install bash', broken)
  return fine(
    'shell',
    `jobs run in ${isolation.shell.name === 'auto' ? 'bash, or sh where there is none' : isolation.shell.name}`,
  )
}

/**
 * Starts a sandbox as a job would have it, anew and whatever was found before. That none can be had is essential only where the settings
 * insist on one.
 */
export async function checkSandbox(isolation: Isolation, folder: string): Promise<Finding> {
  if (isolation.executor === 'shell')
    return doubtful(
      'sandbox',
      'the settings choose plain processes for jobs',
      'executor: auto uses bubblewrap where it works',
    )
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fresh = mkdtempSync(join(folder, 'doctor-'))
  try {
    const found = await findExecutor({ ...isolation, executor: 'bubblewrap' }, fresh)
    if (found.ok) return fine('sandbox', `bubblewrap works: ${found.value.executor.isolation}`)
    const judge = isolation.executor === 'bubblewrap' ? broken : doubtful
    return ofText('sandbox', found.error, 'install it: apt-get install bubblewrap', judge)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** What the memory, processes and processors of a job can be limited by. */
export function checkControlGroups(): Finding {
  const found = [...findControlGroups().controllers]
  const missing = ['memory', 'pids', 'cpu'].filter((name) => !found.some((each) => each === name))
  if (missing.length === 0) return fine('control groups', `limits of jobs: ${found.join(', ')}`)
  return doubtful(
    'control groups',
    `no control group for ${missing.join(', ')}: sandbox.limits hold for single processes only, or not at all`,
    'run the daemon as a service (sluice service install), whose unit has Delegate=yes',
  )
}

function plain(isolation: Isolation): Isolation {
  return { ...isolation, sandbox: { ...isolation.sandbox, network: 'host' } }
}

/** The first line says what is wrong, the rest what helps. */
function ofText(
  check: string,
  text: string,
  otherwise: string,
  judge: (check: string, message: string, fix: string) => Finding,
): Finding {
  const [message = '', ...help] = text.split('\n')
  return judge(check, message, help.join(' ') || otherwise)
}
