import { expect, it } from 'vitest'
import { chooseColors, type ColorChoice } from '../../src/cli/colors.ts'

const cases: readonly [choice: ColorChoice, env: NodeJS.ProcessEnv, terminal: boolean, colored: boolean][] = [
  ['auto', {}, true, true],
  ['auto', {}, false, false],
  ['auto', { NO_COLOR: '1' }, true, false],
  ['auto', { NO_COLOR: '' }, true, true],
  ['auto', { FORCE_COLOR: '1' }, false, true],
  ['auto', { FORCE_COLOR: '0' }, true, false],
  ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['auto', { TERM: 'dumb' }, true, false],
  ['always', { NO_COLOR: '1' }, false, true],
  ['never', { FORCE_COLOR: '1' }, true, false],
]

it.each(cases)('--color=%s with %j, terminal %s: %s', (choice, env, terminal, colored) => {
  expect(chooseColors(choice, env, terminal).isColorSupported).toBe(colored)
  expect(chooseColors(choice, env, terminal).red('x')).toBe(colored ? '\u001b[31mx\u001b[39m' : 'x')
})
