import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { liveServer, type LiveServer } from '../http/support/live.ts'

/** A file whose jobs leave a log of what they were given, and an archive. */
const YAML = `stages: [build, test]
build:
  stage: build
  script: [make]
  artifacts: {paths: [out/]}
test:
  stage: test
  script: [make test]
`

/** The log of a job: GitLab's clients must get it byte for byte. */
export const LOG = 'TARGET is prod\n\u001b[32;1mgreen\u001b[0;m ü\n'

/**
 * Project 9, `group/app`, whose jobs succeed as soon as they may run, with that log; the first leaves `out/app.txt`. The clients
 * are told nothing but the address.
 */
export async function servedWithRunner(): Promise<LiveServer> {
  const server = await liveServer({ '.gitlab-ci.yml': YAML })
  const { coordinator, events } = server.app.engine
  let open = true
  let working: Promise<void> = Promise.resolve()

  async function takeAll(): Promise<void> {
    while (open) {
      const payload = await coordinator.requestJob({ name: 'puppet', tags: [], runUntagged: true })
      if (!payload) return
      const value = payload.variables.findLast(({ key }) => key === 'TARGET')?.value ?? 'unset'
      const trace = await coordinator.openTrace(payload.token)
      await trace.write(Buffer.from(LOG.replace('prod', value)))
      await trace.close()
      if (payload.job_info.name === 'build') {
        const staged = await coordinator.stageArtifacts(payload.token)
        const file = join(staged, 'out', 'app.txt')
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, 'the app\n')
        await coordinator.putArtifacts(payload.token, {
          staged,
          name: null,
          size: 8,
          files: 1,
          expireIn: null,
        })
      }
      await coordinator.updateJob(payload.token, { state: 'success' })
    }
  }

  events.on((event) => {
    if (event.type === 'job' && event.to === 'pending') working = working.then(takeAll)
  })
  afterAll(async () => {
    open = false
    await working
  })
  return server
}
