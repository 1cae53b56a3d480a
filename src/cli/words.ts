import stringWidth from 'fast-string-width'

/** `0.42 s`, `8.3 s`, `1m 23s`, `2h 5m`: as long as needed to compare two of them. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`
}

/** `1 job`, `3 jobs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A word as it can be pasted into a shell. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Pads to a number of terminal columns; an emoji fills two. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)))
}

export function columnsOf(text: string): number {
  return stringWidth(text)
}
