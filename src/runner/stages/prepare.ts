import { hostname } from 'node:os'
import { headingLine, plainLine, warningLine } from '../log/ansi.ts'
import { inSection, type Job } from './build.ts'

/** The first lines: who runs the job, in what, and what of its wishes is not fulfilled. */
export async function prepare(
  job: Job,
  runner: { readonly name: string; readonly version: string },
): Promise<void> {
  const { log, executor, payload } = job
  log.say(plainLine(`Running with sluice ${runner.version}`) + plainLine(`  on ${runner.name}`))
  await inSection(job, 'prepare_executor', () => {
    log.say(headingLine(`Preparing the "${executor.name}" executor`))
    log.say(
      plainLine(
        `Using ${executor.name === 'shell' ? 'Shell' : 'bubblewrap'} (${executor.shell.name}) executor...`,
      ),
    )
    log.say(plainLine(`Isolation: ${executor.isolation}`))
    if (executor.shell.name === 'sh')
      log.say(
        warningLine('bash was not found: the scripts run in sh, where pipefail and arrays may be missing'),
      )
    const unused = unusedWishes(payload)
    for (const notice of executor.notices) log.say(warningLine(notice))
    if (unused !== null) log.say(warningLine(unused))
    for (const notice of payload.sluice.notices) log.say(warningLine(notice))
  })
  await inSection(job, 'prepare_script', () =>
    log.say(`${headingLine('Preparing environment')}Running on ${hostname()}...\n`),
  )
}

/** One sentence for `image` and `services`, which three quarters of all files name. */
function unusedWishes({ image, services }: Job['payload']): string | null {
  const wishes = [
    ...(image ? [`image "${image.name}"`] : []),
    ...services.map((service) => `service "${service.name}"`),
  ]
  if (wishes.length === 0) return null
  const verb = wishes.length === 1 ? 'is' : 'are'
  return `${wishes.join(', ')} ${verb} not used by this executor: the script runs with the tools of this machine. An official gitlab-runner with the docker executor would use ${wishes.length === 1 ? 'it' : 'them'}.`
}
