import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A repository with one commit whose `.gitlab-ci.yml` is `yaml`. Always the same for the same texts. */
export function makeRepository(
  folder: string,
  yaml: string,
  others: Readonly<Record<string, string>> = {},
): string {
  mkdirSync(folder, { recursive: true })
  const date = '2024-01-02T03:04:05Z'
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
        GIT_CONFIG_GLOBAL: '/dev/null',
      },
    })
  git('init', '-q', '-b', 'main')
  git('config', 'user.name', 'Bench')
  git('config', 'user.email', 'bench@example.test')
  writeFileSync(join(folder, '.gitlab-ci.yml'), yaml)
  writeFileSync(join(folder, 'README.md'), 'A workload.\n')
  for (const [name, text] of Object.entries(others)) writeFileSync(join(folder, name), text)
  git('add', '-A')
  git('commit', '-q', '-m', 'workload')
  return folder
}

export const oneJob = `single:\n  script: ["true"]\n`

/** Each job needs the one before it. */
export function chain(jobs: number): string {
  return numbers(jobs)
    .map((i) => `job-${i}: {script: ["true"], needs: [${i === 0 ? '' : `job-${i - 1}`}]}\n`)
    .join('')
}

/** Independent jobs in one stage. */
export function wide(jobs: number): string {
  return numbers(jobs)
    .map((i) => `job-${i}: {script: ["true"]}\n`)
    .join('')
}

/** Plain stages without needs. */
export function grid(stages: number, jobs: number): string {
  const names = numbers(stages).map((stage) => `s${stage}`)
  const body = names.flatMap((stage) =>
    numbers(jobs).map((i) => `job-${stage}-${i}: {stage: ${stage}, script: ["true"]}\n`),
  )
  return `stages: [${names.join(', ')}]\n${body.join('')}`
}

/** A slow job beside a chain of fast ones; the critical path is `seconds`. */
export function skew(seconds: number): string {
  return `slow-a: {script: ["sleep ${seconds}"], needs: []}
fast-a: {script: ["true"], needs: []}
slow-b: {script: ["sleep ${seconds}"], needs: [fast-a]}
slow-c: {script: ["true"], needs: [slow-b]}
`
}

/** A chain in which each script says when it began, to the microsecond. */
export function timeChain(jobs: number): string {
  return numbers(jobs)
    .map(
      (i) =>
        `job-${i}: {script: ['echo "began=$EPOCHREALTIME"'], needs: [${i === 0 ? '' : `job-${i - 1}`}]}\n`,
    )
    .join('')
}

/** Two jobs that print this many megabytes each, side by side. */
export function twoLoud(megabytes: number): string {
  return numbers(2)
    .map((i) => `loud-${i}:\n  script:\n    - ${printMegabytes(megabytes)}\n`)
    .join('')
}

/** The shell command that prints this many megabytes in lines of 69 bytes. */
export function printMegabytes(megabytes: number): string {
  return `yes 'one line of job output, which is sixty-four bytes long with LF.' | head -c ${megabytes * 1_000_000} || true`
}

/** Twenty jobs in three stages, with needs, rules-free: what a trigger of an ordinary project has to compile and store. */
export function twentyJobs(firstScript: string): string {
  const jobs = numbers(18).map(
    (i) => `unit-${i}:\n  stage: test\n  needs: [build]\n  script:\n    - "true"\n`,
  )
  return `stages: [build, test, deploy]
variables:
  LEVEL: global
build:
  stage: build
  script:
    - ${firstScript}
${jobs.join('')}deploy:
  stage: deploy
  script:
    - "true"
  only:
    - main
`
}

const SHARED_BY_RICH_JOBS = `stages: [build, test, deploy]
variables:
  GLOBAL_ONE: one
  GLOBAL_TWO: "$GLOBAL_ONE-two"
.setup:
  script:
    - echo setup-a
    - echo setup-b
.region: &region
  RETRIES: "3"
  REGION: eu
.base:
  before_script: [echo before]
  variables: {LEVEL: base, KEEP: "yes-please"}
  interruptible: true
.mid:
  extends: .base
  variables: {LEVEL: mid}
  retry: 1
.leaf:
  extends: [.mid]
  variables: {LEVEL: leaf, EXTRA: "$LEVEL/x"}
  tags: [local]
`

/** Every second job uses an extends chain, rules, an anchor, `!reference` and needs. */
export function rich(jobs: number): string {
  const stages = ['build', 'test', 'deploy']
  const body = numbers(jobs).map((i) => {
    const stage = stages[Math.floor((i * 3) / jobs)] ?? 'deploy'
    return i % 2 === 0 ? plainJob(i, stage) : richJob(i, stage)
  })
  return SHARED_BY_RICH_JOBS + body.join('')
}

function plainJob(i: number, stage: string): string {
  return `plain-${i}:\n  stage: ${stage}\n  script:\n    - echo plain ${i}\n`
}

function richJob(i: number, stage: string): string {
  return `rich-${i}:
  stage: ${stage}
  extends: ${['.base', '.mid', '.leaf'][i % 3]}
  needs: [plain-${i - 1}]
  variables:
    <<: *region
    INDEX: "${i}"
    PATH_LIKE: "$GLOBAL_TWO/$INDEX/$REGION"
  script:
    - !reference [.setup, script]
    - echo rich ${i}
  rules:
    - if: $CI_COMMIT_TAG =~ /^v\\d+\\.\\d+$/ && $REGION == "us"
      when: never
    - if: ($CI_PIPELINE_SOURCE == "push" || $CI_PIPELINE_SOURCE == "trigger") && $INDEX != ""
      variables: {MATCHED: second}
    - when: manual
`
}

/** From 0. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
