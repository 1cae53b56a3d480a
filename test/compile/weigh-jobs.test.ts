import { expect, it } from 'vitest'
import { parseFile } from '../../src/ci/document.ts'
import { roughJobCount } from '../../src/compile/weigh-jobs.ts'

it.each([
  ['jobs', 'a: {script: x}\nb: {script: x}', 2],
  ['no hidden ones, and no lists', '.a: {parallel: 5}\nstages: [x]\na: {script: x}', 1],
  ['a number', 'a: {script: x, parallel: 5}\nb: {script: x}', 6],
  ['a matrix', 'a: {parallel: {matrix: [{A: [1, 2], B: [1, 2, 3]}, {C: d}]}}', 7],
  ['what a base may unfold', '.a: {parallel: 5}\nb: {extends: .a}\nc: {extends: .a, parallel: 2}', 7],
  ['nothing that is no number', 'a: {parallel: x}\nb: {parallel: -4}\nc: {parallel: {matrix: 1}}', 3],
])('counts %s', (_, text, count) => {
  const file = parseFile({ path: '.gitlab-ci.yml', text })
  if (!file.ok || file.value.body === null) throw new Error('not read')
  expect(roughJobCount(file.value.body)).toBe(count)
})
