import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { JobPayload } from '../../src/model/payload.ts'
import { shell } from './support/executors.ts'
import { harness, section, type Harness } from './support/harness.ts'

let lab: Harness
afterEach(() => lab.close())

const report = (type: string, paths: string[], more: Partial<JobPayload['artifacts'][number]> = {}) => ({
  artifact_type: type,
  artifact_format: 'gzip' as const,
  name: `${type}.txt`,
  paths,
  when: 'always' as const,
  ...more,
})

describe('reports', () => {
  it('are found by pattern, packed, and sent after the archive', async () => {
    lab = harness(shell())
    const { payload, end, log } = await lab.run({
      script: ['mkdir t; echo one > t/a.xml; echo two > t/b.xml; echo "[]" > q.json'],
      artifacts: { paths: ['t'] },
      reports: [report('junit', ['t/*.xml', 'none.xml']), report('codequality', ['q.json'], { artifact_format: 'raw' })],
    })
    expect(end).toEqual({ state: 'success' })
    const sent = lab.coordinator.reports.get(payload.id) ?? []
    expect(sent).toMatchObject([
      { type: 'junit', format: 'gzip', name: 'junit.txt.gz', files: 2 },
      { type: 'codequality', format: 'raw', name: 'codequality.txt', files: 1, size: 3 },
    ])
    expect(gunzipSync(readFileSync(sent[0]?.staged ?? '')).toString()).toBe('one\ntwo\n')
    const uploading = '\u001b[32;1mUploading artifacts...\u001b[0;m\n'
    const created = (type: string) =>
      `Uploading artifacts as "${type}" to coordinator... 201 Created  id=${payload.id} responseStatus=201 Created\n`
    expect(section(log, 'upload_artifacts_on_success')).toBe(
      `${uploading}t: found 3 matching artifact files and directories\n${created('archive')}` +
        `${uploading}t/*.xml: found 2 matching artifact files and directories\n` +
        `\u001b[0;33mWARNING: none.xml: no matching files. Ensure that the artifact path is relative to the working directory (${lab.folder}/builds/1/0/app)\u001b[0;m\n` +
        `${created('junit')}${uploading}q.json: found 1 matching artifact files and directories\n${created('codequality')}`,
    )
  }) // prettier-ignore

  it('are sent when the script failed, too; a missing one is only a warning', async () => {
    lab = harness(shell())
    const { payload, end, log } = await lab.run({
      script: ['echo x > j.xml; exit 3'],
      artifacts: { paths: ['j.xml'] },
      reports: [report('junit', ['j.xml']), report('sast', ['none'])],
    })
    expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 3 })
    expect(lab.coordinator.artifacts.size).toBe(0)
    expect(lab.coordinator.reports.get(payload.id)).toHaveLength(1)
    expect(section(log, 'upload_artifacts_on_failure')).toContain('ERROR: No files to upload')
  })

  it('that are refused fail the job after three tries, as gitlab-runner does', async () => {
    lab = harness(shell())
    lab.coordinator.refuseReport = () => 'Invalid Format'
    const { end, log } = await lab.run({ script: ['echo "# x" > e'], reports: [report('dotenv', ['e'])] })
    expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 1 })
    const upload = section(log, 'upload_artifacts_on_success')
    expect(upload.match(/WARNING: Uploading artifacts as "dotenv" to coordinator\.\.\. 400 Bad Request \(Invalid Format\)/g)).toHaveLength(3)
    expect(upload.endsWith('\u001b[31;1mFATAL: invalid argument\u001b[0;m\n')).toBe(true)
    expect(log.endsWith('\u001b[31;1mERROR: Job failed: exit status 1\u001b[0;m\n')).toBe(true)
    expect(readdirSync(join(lab.folder, 'staged'))).toEqual([])
  }) // prettier-ignore

  it('of several files cannot be raw', async () => {
    lab = harness(shell())
    const { end, log } = await lab.run({
      script: ['echo 1 > a.json; echo 2 > b.json'],
      reports: [report('sast', ['*.json'], { artifact_format: 'raw' })],
    })
    expect(end).toMatchObject({ reason: 'script_failure' })
    expect(log).toContain('only one file can be send as raw')
  })

  it('cannot be what lies elsewhere, or is no file', async () => {
    lab = harness(shell())
    const { payload, log } = await lab.run({
      script: ['ln -s /etc/passwd link; mkfifo fifo; mkdir d'],
      reports: [report('junit', ['link', 'fifo', 'd', '../x', 'x'.repeat(1_000_000)])],
    })
    expect(lab.coordinator.reports.get(payload.id)).toBeUndefined()
    expect(log).toContain('WARNING: the "link" is not a regular file')
    expect(log).toContain('WARNING: File ignored: fifo')
    expect(log).toContain('WARNING: artifact path is not a subpath of project directory: ../x')
    expect(log).toContain('ERROR: No files to upload')
  })
})

it('what cannot be collected fails the job with the reason, and leaves nothing behind', async () => {
  lab = harness(shell())
  lab.coordinator.putArtifacts = () => Promise.reject(new Error('ENOSPC: no space left on device, write'))
  const { end, log } = await lab.run({ script: ['echo x > a'], artifacts: { paths: ['a'] } })
  expect(end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
  expect(log).toContain('ERROR: Job failed (system failure): ENOSPC: no space left on device, write')
  expect(readdirSync(join(lab.folder, 'staged'))).toEqual([])
  expect((await lab.run({})).end).toEqual({ state: 'success' })
  expect(existsSync(lab.folder)).toBe(true)
})
