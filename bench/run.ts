import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { api } from './api.ts'
import { engine } from './engine.ts'
import { idle } from './idle.ts'
import { criticalPath, jobs } from './jobs.ts'
import { language } from './language.ts'
import { log } from './log.ts'
import { printFigures, type Figure } from './measure.ts'
import { pipelines } from './pipelines.ts'
import { reload } from './reload.ts'
import { soak } from './soak.ts'
import { startup } from './startup.ts'
import { trigger } from './trigger.ts'
import { watch } from './watch.ts'

/** `npm run bench [-- NAME...]`: every figure with its aim; the exit code says whether all hold. */
const sluice = resolve(import.meta.dirname, '..', 'dist', 'main.js')
const ROUNDS = 5

const sections: Readonly<Record<string, (folder: string) => Promise<Figure[]>>> = {
  startup: (folder) => startup(sluice, folder, ROUNDS * 3),
  language: (folder) => language(sluice, folder, ROUNDS),
  jobs: (folder) => jobs(sluice, folder, ROUNDS),
  dag: (folder) => criticalPath(sluice, folder, ROUNDS),
  engine: (folder) => engine(sluice, folder, ROUNDS),
  log: (folder) => log(sluice, folder, ROUNDS),
  trigger: (folder) => trigger(sluice, folder),
  api,
  pipelines,
  idle: (folder) => idle(sluice, folder),
  watch: (folder) => watch(sluice, folder),
  reload: (folder) => reload(sluice, folder),
}

/** Only when it is asked for. */
const long: typeof sections = { soak: (folder) => soak(sluice, folder) }

const wanted = process.argv.slice(2)
let missed = 0
for (const [name, section] of Object.entries({ ...sections, ...long })) {
  if (wanted.length > 0 ? !wanted.includes(name) : name in long) continue
  const folder = mkdtempSync(join(tmpdir(), `sluice-bench-${name}-`))
  try {
    const figures = await section(folder)
    printFigures(name, figures)
    missed += figures.filter((each) => !each.holds).length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.exitCode = missed > 0 ? 1 : 0
