import { spawnSync } from 'node:child_process'

/** Debian's Python with Debian's python3-gitlab; another Python on the path does not know its packages. */
export const PYTHON = '/usr/bin/python3'

export const hasPythonGitlab = spawnSync(PYTHON, ['-c', 'import gitlab']).status === 0
