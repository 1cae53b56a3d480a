import { describe, expect, it } from 'vitest'
import { variable, type ProjectVariable } from '../../../src/model/variable.ts'
import { factsOf, variables } from '../support.ts'
import { configOf } from '../support.ts'
import { plan } from '../../../src/ci/plan.ts'
import type { PlanFacts } from '../../../src/ci/plan.ts'

async function planned(text: string, facts: Partial<PlanFacts> = {}) {
  const outcome = plan(await configOf(text), factsOf(facts))
  if (outcome.kind !== 'plan') throw new Error(JSON.stringify(outcome))
  return outcome.plan.jobs
}

const one = (job: string): string => `always: {script: [x]}\na:\n  script: [x]\n${job}`

describe('the name of an environment', () => {
  it.each([
    ['production', 'production'],
    ['review/$CI_COMMIT_REF_NAME', 'review/main'],
    ['${CI_JOB_NAME}-$CI_DEFAULT_BRANCH', 'a-main'],
    ['x/$NESTED', 'x/deep main'],
    ['x$UNSET', 'x'],
  ])('%s is %s', async (written, name) => {
    const jobs = await planned(
      one(`  variables: {NESTED: "deep $CI_COMMIT_REF_NAME"}\n  environment: {name: "${written}"}\n`),
    )
    expect(jobs.find((job) => job.name === 'a')?.environment).toEqual({ name, autoStopIn: null, tier: null })
  })

  it('sees the variables of the rule that let the job in', async () => {
    const [, job] = await planned(
      one(
        '  environment: {name: $WHERE, auto_stop_in: $HOW_LONG, deployment_tier: $TIER}\n  rules: [{variables: {WHERE: here, HOW_LONG: 1 day, TIER: testing}}]\n',
      ),
    )
    expect(job?.environment).toEqual({ name: 'here', autoStopIn: '1 day', tier: 'testing' })
  })

  it('is nothing for a job without', async () => {
    expect((await planned(one('')))[1]?.environment).toBeUndefined()
  })
})

describe('rules', () => {
  it.each([
    ['$CI_ENVIRONMENT_NAME == "review/main"', true],
    ['$CI_ENVIRONMENT_ACTION == "start"', true],
    ['$CI_ENVIRONMENT_TIER == "staging"', true],
    ['$CI_ENVIRONMENT_URL == "https://x"', true],
    ['$CI_ENVIRONMENT_SLUG', false],
    ['$CI_ENVIRONMENT_NAME == "other"', false],
  ])('%s is %s', async (condition, isIn) => {
    const jobs = await planned(
      one(
        `  environment: {name: review/$CI_COMMIT_REF_NAME, url: "https://x", deployment_tier: staging}\n  rules: [{if: '${condition}'}]\n`,
      ),
    )
    expect(jobs.some(({ name }) => name === 'a')).toBe(isIn)
  })

  it('have no CI_ENVIRONMENT_NAME without an environment', async () => {
    expect(await planned(one("  rules: [{if: '$CI_ENVIRONMENT_NAME == null'}]\n"))).toHaveLength(2)
  })

  const scoped = (environmentScope: string, value: string): ProjectVariable => ({
    ...variable('KEY', value, 'project'),
    environmentScope,
    protected: false,
  })
  const project = {
    above: variables('project', { KEY: 'for all' }),
    scoped: { variables: [scoped('*', 'for all'), scoped('prod*', 'for prod')], outranked: [] },
  }

  it.each([
    ['production', 'for prod', true],
    ['staging', 'for all', true],
    ['staging', 'for prod', false],
  ])('in %s see the project variable %s: %s', async (name, value, isIn) => {
    const jobs = await planned(
      one(`  environment: ${name}\n  rules: [{if: '$KEY == "${value}"'}]\n`),
      project,
    )
    expect(jobs.some((job) => job.name === 'a')).toBe(isIn)
  })

  it('see a pipeline variable above one for the environment', async () => {
    const jobs = await planned(one(`  environment: production\n  rules: [{if: '$KEY == "mine"'}]\n`), {
      above: variables('trigger', { KEY: 'mine' }),
      scoped: { ...project.scoped, outranked: ['KEY'] },
    })
    expect(jobs).toHaveLength(2)
  })
})
