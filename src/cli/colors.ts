import pc from 'picocolors'

export type Colors = ReturnType<typeof pc.createColors>

export const COLOR_CHOICES = ['auto', 'always', 'never'] as const
export type ColorChoice = (typeof COLOR_CHOICES)[number]

/** `--color` first, then NO_COLOR and FORCE_COLOR (no-color.org, force-color.org), then whether anyone can see colours. */
export function chooseColors(choice: ColorChoice, env: NodeJS.ProcessEnv, isTerminal: boolean): Colors {
  return pc.createColors(choice === 'auto' ? wantsColor(env, isTerminal) : choice === 'always')
}

function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0'
  return isTerminal && env['TERM'] !== 'dumb'
}
