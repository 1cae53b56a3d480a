/** Ruby's `Shellwords.shellescape`: a backslash before everything that a Bourne shell could take for more than a letter. */
export function shellEscape(text: string): string {
  if (text === '') return "''"
  return text.replace(/[^A-Za-z0-9_\-.,:+/@\n]/gu, '\\$&').replaceAll('\n', "'\n'")
}
