import { describe, expect, it } from 'vitest'
import { expand, runnerLookUp } from '../../src/runner/expand.ts'

const values = new Map([['A', 'one'], ['B_2', '$A'], ['0', 'never'], ['a b', 'odd']]) // prettier-ignore

// Go's os.Expand with gitlab-runner's look-up.
describe('expansion by the runner', () => {
  it.each([
    ['no dollar', 'no dollar'],
    ['$A ${A}', 'one one'],
    ['$B_2', '$A'],
    ['$AA', ''],
    ['${A}A', 'oneA'],
    ['$$A', '$A'],
    ['$$$A', '$one'],
    ['$NONE.', '.'],
    ['$', '$'],
    ['a$ b', 'a$ b'],
    ['$.', '$.'],
    ['$*$#$@$!$?$0$9', ''],
    ['$-', ''],
    ['${}', ''],
    ['${A', 'A'],
    ['${a b}', 'odd'],
    ['${*}', ''],
    ['$1A', 'A'],
    ['%A%', '%A%'],
    ['é$A', 'éone'],
  ])('%j gives %j', (text, expanded) => expect(expand(text, runnerLookUp(values))).toBe(expanded))
})
