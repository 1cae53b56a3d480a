import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** One run of a command as a whole process. */
export interface Run {
  readonly milliseconds: number
  /** Largest resident set of one process, in megabytes; null where GNU time is missing. */
  readonly megabytes: number | null
  readonly exitCode: number
}

const gnuTime = existsSync('/usr/bin/time') ? '/usr/bin/time' : null

export function timed(
  command: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Run> {
  const [file = '', ...args] = gnuTime ? [gnuTime, '-f', 'peak=%M', ...command] : command
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint()
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-4096)))
    child.on('error', reject)
    child.on('close', (code) => {
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6
      const peak = /peak=(\d+)/.exec(errors)?.[1]
      resolve({
        milliseconds,
        megabytes: peak === undefined ? null : Number(peak) / 1024,
        exitCode: code ?? -1,
      })
    })
  })
}

/** Runs the commands in turn, round by round, so that a slow minute of the machine hits all of them. */
export async function rounds(
  count: number,
  commands: Readonly<Record<string, () => Promise<Run>>>,
): Promise<Record<string, Run[]>> {
  const runs: Record<string, Run[]> = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
  for (let round = 0; round < count; round++) {
    for (const [name, run] of Object.entries(commands)) {
      const result = await run()
      if (result.exitCode !== 0) throw new Error(`${name} ended with ${result.exitCode}`)
      runs[name]?.push(result)
    }
  }
  return runs
}

export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const index = Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)
  return sorted[Math.max(0, index)] ?? NaN
}

/** A row of the report: what was measured, and what it should be. */
export interface Figure {
  readonly name: string
  readonly value: string
  readonly aim: string
  readonly holds: boolean
}

export function figure(
  name: string,
  value: number,
  unit: string,
  aim: number,
  relation: 'at most' | 'at least' = 'at most',
): Figure {
  const holds = relation === 'at most' ? value <= aim : value >= aim
  return {
    name,
    value: `${value.toFixed(value < 10 ? 2 : 1)} ${unit}`,
    aim: `${relation} ${aim} ${unit}`,
    holds,
  }
}

export function printFigures(title: string, figures: readonly Figure[]): void {
  console.log(`\n${title}`)
  for (const { name, value, aim, holds } of figures) {
    console.log(`  ${holds ? 'ok ' : '!! '} ${name.padEnd(62)} ${value.padStart(14)}   ${aim}`)
  }
}

/** A row without an aim. */
export function noted(name: string, value: number, unit: string): Figure {
  return { name, value: `${value.toFixed(value < 10 ? 2 : 1)} ${unit}`, aim: '', holds: true }
}

/** Of the straight line through these points, by least squares. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length
  const x = mean(points.map(([each]) => each))
  const y = mean(points.map(([, each]) => each))
  const over = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0)
  const under = points.reduce((sum, [px]) => sum + (px - x) ** 2, 0)
  return under === 0 ? 0 : over / under
}
