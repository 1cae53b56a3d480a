/** 0-15: one of the terminal's own colours; otherwise `#rrggbb`. */
export type TraceColor = number | `#${string}`

export interface TextStyle {
  readonly foreground: TraceColor | null
  readonly background: TraceColor | null
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly inverse: boolean
  readonly hidden: boolean
  readonly struck: boolean
}

export const PLAIN: TextStyle = {
  foreground: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  hidden: false,
  struck: false,
}

const CODES: ReadonlyMap<number, Partial<TextStyle>> = new Map<number, Partial<TextStyle>>([
  [1, { bold: true }],
  [2, { dim: true }],
  [3, { italic: true }],
  [4, { underline: true }],
  [7, { inverse: true }],
  [8, { hidden: true }],
  [9, { struck: true }],
  [21, { underline: true }],
  [22, { bold: false, dim: false }],
  [23, { italic: false }],
  [24, { underline: false }],
  [27, { inverse: false }],
  [28, { hidden: false }],
  [29, { struck: false }],
  [39, { foreground: null }],
  [49, { background: null }],
  ...range(8).flatMap((color): [number, Partial<TextStyle>][] => [
    [30 + color, { foreground: color }],
    [40 + color, { background: color }],
    [90 + color, { foreground: 8 + color }],
    [100 + color, { background: 8 + color }],
  ]),
])

/** The style after `ESC [ parameters m`. Codes that mean nothing to us change nothing. */
export function styleAfter(style: TextStyle, parameters: string): TextStyle {
  const groups = parameters
    .split(';')
    .map((group) => group.split(':').map((part) => (part === '' ? 0 : Number(part))))
  let next = style
  for (let at = 0; at < groups.length; at++) {
    const [code = 0, ...parts] = groups[at] ?? []
    if (code !== 38 && code !== 48) {
      next = code === 0 ? PLAIN : { ...next, ...CODES.get(code) }
      continue
    }
    // `38;5;n` spends the following groups, `38:5:n` has all in one.
    const spread = parts.length === 0 ? groups.slice(at + 1, at + 5).map(([part = 0]) => part) : parts
    const { color, spent } = extendedColor(spread, parts.length > 0)
    if (parts.length === 0) at += spent
    if (color !== undefined) next = { ...next, [code === 38 ? 'foreground' : 'background']: color }
  }
  return next
}

/** `5;n` or `2;r;g;b`; with colons there may be a colour space before the red (`2::r:g:b`). */
function extendedColor(
  parts: readonly number[],
  colons: boolean,
): { color: TraceColor | undefined; spent: number } {
  const [mode, ...rest] = parts
  if (mode === 5) return { color: paletteColor(rest[0] ?? -1), spent: 2 }
  if (mode !== 2) return { color: undefined, spent: 1 }
  const channels = colons && rest.length > 3 ? rest.slice(1, 4) : rest.slice(0, 3)
  const valid = channels.length === 3 && channels.every((channel) => channel >= 0 && channel <= 255)
  return { color: valid ? hex(channels) : undefined, spent: 4 }
}

/** xterm's 256 colours: the terminal's 16, a cube of 6×6×6, 24 greys. */
function paletteColor(index: number): TraceColor | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined
  if (index < 16) return index
  if (index >= 232) return hex([index, index, index].map((it) => 8 + 10 * (it - 232)))
  const cube = index - 16
  const levels = [0, 95, 135, 175, 215, 255]
  return hex([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => levels[step] ?? 0))
}

function hex(channels: readonly number[]): `#${string}` {
  return `#${channels.map((channel) => Math.trunc(channel).toString(16).padStart(2, '0')).join('')}`
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}
