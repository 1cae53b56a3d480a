import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { OWNER } from '../http/support/live.ts'
import { hasPythonGitlab, PYTHON } from './programs.ts'
import { LOG, servedWithRunner } from './served.ts'

// Debian's python3-gitlab as it comes; left out where it is not installed, which is said before and behind the results.

it.skipIf(!hasPythonGitlab)('python-gitlab finds a GitLab', { timeout: 60_000 }, async () => {
  const server = await servedWithRunner()
  const script = join(import.meta.dirname, 'python_gitlab.py')
  const { stdout, stderr } = await promisify(execFile)(PYTHON, [script, server.url, OWNER])
  // It warns when links lead to another host than the one it asks.
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({
    user: 'root',
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    'no trigger yet': true,
    trigger: ['trigger', 'main', 'created'],
    status: 'success',
    variables: ['TARGET', 'TRIGGER_PAYLOAD'],
    jobs: ['test', 'build'],
    bridges: [],
    report: 0,
    log: LOG,
    archive: 'PK',
    file: 'the app\n',
    'archive of ref': 'PK',
    'file of ref': 'the app\n',
    'without variables': 'success',
    'triggers left': 0,
    revoked: [404, '404 Not Found'],
    api: ['api', 'success'],
    pages: true,
    schedule: ['1 2 * * *', 'night', 'root'],
    'schedules left': 0,
    variable: ['hush-hush-2', true],
    scoped: 'p',
    'variables left': 0,
    lint: true,
    'lint of the project': true,
    branch: 'main',
    commit: 9,
    statuses: true,
    reported: ['success', 11.5],
    keyset: true,
    runners: ['local'],
    member: 40,
    'member again': [409, 'Member already exists'],
    absent: [404, '404 Not found'],
    'wrong token': [401, '401 Unauthorized'],
  })
})
