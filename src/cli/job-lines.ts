import type { Colors } from './colors.ts'
import { terminalText } from './terminal-text.ts'
import type { TraceLine } from './trace-lines.ts'
import { padded } from './words.ts'

/** The name that stands before every line of a job, padded; the same name has the same colour in every run. */
export function jobPrefix(name: string, columns: number, colors: Colors): string {
  const choices = [colors.cyan, colors.magenta, colors.blue, colors.yellow, colors.green] as const
  let hash = 0
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9973
  return (choices[hash % choices.length] ?? colors.cyan)(padded(name, columns))
}

/** `$ ` for a command, `> ` for output; the text is what a terminal may show. */
export function jobLine(
  prefix: string,
  line: TraceLine,
  colors: Colors,
): { readonly text: string; readonly shown: string } {
  const shown = terminalText(line.text, colors.isColorSupported)
  if (line.kind === 'command')
    return { shown, text: `${prefix}  ${colors.green('$')} ${colors.bold(shown)}\n` }
  return { shown, text: `${prefix}  ${colors.dim('>')} ${shown}${reset(shown)}\n` }
}

/** A job that switches a colour on and never off does not paint its neighbours. */
function reset(text: string): string {
  return text.includes('\u001b[') ? '\u001b[0m' : ''
}
