/**
 * Job output is not trusted with the terminal: it could write the clipboard, move the cursor over earlier lines, or change
 * the window's title. Colours (SGR), tabs and line ends pass, everything else that steers a terminal is dropped.
 */
export function terminalText(text: string, keepColors: boolean): string {
  if (!hasControls.test(text)) return text
  return text.replace(controls, (match) => (keepColors && sgr.test(match) ? match : ''))
}

const hasControls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

const sgr = /^\u001b\[[0-9;:]*m$/

const controls = new RegExp(
  [
    '\\u001b\\[[0-?]*[ -/]*[@-~]', // CSI: colours, cursor, erasing
    '\\u001b[\\]PX^_][^\\u0007\\n\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?', // OSC, DCS, SOS, PM, APC with their strings
    '\\u001b[ -/]*[0-~]?', // any other escape sequence, and a lone escape
    '\\u009b[0-?]*[ -/]*[@-~]', // CSI as one C1 character
    '[\\u0090\\u0098\\u009d-\\u009f][^\\u0007\\n\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]',
  ].join('|'),
  'g',
)

/** GitLab: a viewer shows of a line what stands after its last carriage return; progress bars redraw themselves with it. */
export function lastDrawing(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line
  return text.slice(text.lastIndexOf('\r') + 1)
}
