import { expect, it } from 'vitest'
import { environmentSlug } from '../../../src/ci/variables/environment-slug.ts'
import { guessTier } from '../../../src/ci/variables/environment-tier.ts'

// Computed by Ruby with GitLab's `Gitlab::Slug::Environment`.
it.each([
  ['production', 'production'],
  ['review/feature-1', 'review-feature-1-1q251u'],
  ['Prod', 'prod-njlta9'],
  ['1abc', 'env-1abc-rpfhi6'],
  ['dev-', 'dev'],
  ['a-very-long-environment-name-indeed', 'a-very-long-envir-8xini4'],
  ['x--y', 'x-y-krurt5'],
])('the slug of %s is %s', (name, slug) => {
  expect(environmentSlug(name)).toBe(slug)
})

it.each([
  ['review/1', 'development'],
  ['dev', 'development'],
  ['trunk', 'development'],
  ['test', 'testing'],
  ['integration', 'testing'],
  ['acceptance', 'testing'],
  ['QA', 'testing'],
  ['staging', 'staging'],
  ['stg', 'staging'],
  ['pre-prod', 'staging'],
  ['non-production', 'staging'],
  ['demo', 'staging'],
  ['production', 'production'],
  ['prod', 'production'],
  ['live', 'production'],
  ['customer', 'other'],
])('the tier of %s is %s', (name, tier) => {
  expect(guessTier(name)).toBe(tier)
})
